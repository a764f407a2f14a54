// Stands in for a real runtime: what is measured with it is the shim's own part.
int main() { return 0; }
