// Package tap writes the Test Anything Protocol, version 13, through the calls that the validation
// programs make. Debian packages neither the library they import nor a copy beside their sources.
package tap

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// T is one stream of results.
type T struct {
	Writer io.Writer // standard output when nil
	count  int
	todo   bool
}

// New makes a stream to standard output.
func New() *T { return &T{} }

func (t *T) print(format string, args ...interface{}) {
	var out io.Writer = os.Stdout
	if t.Writer != nil {
		out = t.Writer
	}
	fmt.Fprintf(out, format, args...)
}

// Header begins the stream; a plan of 0 is left for AutoPlan.
func (t *T) Header(plan int) {
	t.print("TAP version 13\n")
	if plan > 0 {
		t.print("1..%d\n", plan)
	}
}

// Ok writes one result. A description stays on its line.
func (t *T) Ok(passed bool, description string) {
	t.count++
	word, directive := "ok", ""
	if !passed {
		word = "not ok"
	}
	if t.todo {
		directive = " # TODO"
	}
	t.print("%s %d - %s%s\n", word, t.count, strings.ReplaceAll(description, "\n", " "), directive)
}

// Pass writes a result that is good.
func (t *T) Pass(description string) { t.Ok(true, description) }

// Fail writes a result that is not.
func (t *T) Fail(description string) { t.Ok(false, description) }

// Skip writes results that were not looked for.
func (t *T) Skip(count int, reason string) {
	for i := 0; i < count; i++ {
		t.count++
		t.print("ok %d # SKIP %s\n", t.count, strings.ReplaceAll(reason, "\n", " "))
	}
}

// Todo gives a stream whose results are not expected to be good yet.
func (t *T) Todo() *T { return &T{Writer: t.Writer, count: t.count, todo: true} }

// Count is the number of results so far.
func (t *T) Count() int { return t.count }

// AutoPlan ends a stream that had no plan.
func (t *T) AutoPlan() { t.print("1..%d\n", t.count) }

// Diagnostic writes a comment, of as many lines as it has.
func (t *T) Diagnostic(message string) {
	for _, line := range strings.Split(strings.TrimRight(message, "\n"), "\n") {
		t.print("# %s\n", line)
	}
}

// Diagnosticf is Diagnostic with a format.
func (t *T) Diagnosticf(format string, args ...interface{}) {
	t.Diagnostic(fmt.Sprintf(format, args...))
}

// YAML writes a block of details, in the part of YAML that is JSON.
func (t *T) YAML(message interface{}) error {
	text, err := json.MarshalIndent(message, "  ", "  ")
	if err != nil {
		return err
	}
	t.print("  ---\n  %s\n  ...\n", text)
	return nil
}
