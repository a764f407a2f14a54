"""What people do with ctr every day works with runward as it does with plain runc."""

import unittest

from everyday import EverydayTest

SCRIPTS = {
    "exit codes": """
        engine run --rm $R $I $N true
        engine run --rm $R $I $N sh -c 'echo out; exit 3'
        engine run --rm $R $I $N /nowhere
        engine run --rm $R $I $N /etc/passwd
    """,
    "options": """
        engine run --rm $R --env A=b --cwd /tmp $I $N sh -c 'echo $A; pwd'
        engine run --rm $R --read-only $I $N touch /file
        engine run --rm $R --runc-root $D/state $I $N true
        engine run --rm $R --cpus 0.5 --pid-file $D/pid2 $I $N true
        engine run --rm $R --with-ns uts:/proc/1/ns/uts --device /dev/null $I $N ls /dev/null
        engine run --rm $R --rootfs-propagation slave --allow-new-privs $I $N true
        engine run --rm $R --cgroup /$N $I $N true
        engine run --rm $R --net-host $I $N true
        engine run --rm $R --memory-limit 33554432 $I $N true
        engine run --rm $R --no-pivot $I $N true
        engine run --rm $R --label a=b --annotation a=b $I $N true
        echo host > $D/file; engine run --rm $R --mount type=bind,src=$D,dst=/tmp,options=rbind:ro $I $N cat /tmp/file
        engine run --rm $R --cap-drop CAP_NET_RAW $I $N grep Cap /proc/self/status
        engine run --rm $R --seccomp $I $N grep Seccomp: /proc/self/status
        engine run --rm $R --pid-file $D/pid $I $N true; test -s $D/pid
        engine run --rm $R --privileged $I $N true
        script -qec "engine run --rm -t $R $I $N sh -c 'test -t 0 && echo tty'" /dev/null
    """,
    "users": """
        engine run --rm $R --uidmap 0:100000:65536 --gidmap 0:100000:65536 $I $N id
    """,
    "tasks": """
        engine run -d $R $I $N sleep 100
        engine tasks ls | grep $N | tr -s ' ' | cut -d' ' -f3
        engine tasks exec --exec-id e1 $N sh -c 'echo out; id -u; exit 5'
        engine tasks exec --exec-id e2 --user 1000 --cwd /tmp $N sh -c 'pwd; id -u'
        script -qec "engine tasks exec -t --exec-id e3 $N sh -c 'test -t 0 && echo tty'" /dev/null
        engine tasks exec --exec-id e4 $N /nowhere
        engine tasks ps $N | wc -l
        engine tasks metrics $N > $D/metrics; grep -c memory $D/metrics
        engine tasks pause $N
        engine tasks ls | grep $N | tr -s ' ' | cut -d' ' -f3
        engine tasks resume $N
        engine tasks kill -s SIGKILL $N
        sleep 1; engine tasks ls | grep $N | tr -s ' ' | cut -d' ' -f3
        engine tasks delete $N
        engine containers delete $N
    """,
}


class EverydayCtr(EverydayTest):
    SCRIPTS = SCRIPTS
    docker_needed = False

    def runtime_words(self, kind):
        return f"--runtime io.containerd.runc.v2 --runc-binary {self.one.wrapper(kind)}"

    def clean_up(self, container):
        self.one.ctr("tasks", "kill", "-s", "SIGKILL", container, check=False)
        self.one.ctr("tasks", "delete", "-f", container, check=False)
        self.one.ctr("containers", "delete", container, check=False)

    def test_everyday_commands_give_what_they_give_with_plain_runc(self):
        self.compare_all("ctr", "-a", self.one.containerd, "-n", self.one.name)


if __name__ == "__main__":
    unittest.main()
