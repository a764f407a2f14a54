"""What people do with podman every day works with runward as it does with plain runc and crun."""

import unittest

from everyday import KINDS, EverydayTest
from podman import PodmanTest

SCRIPTS = {
    "exit codes": """
        engine $R run --rm $I true
        engine $R run --rm $I sh -c 'echo out; echo err >&2; exit 3' 2>/dev/null
        engine $R run --rm $I sh -c 'echo out; echo err >&2; exit 3' >/dev/null
        engine $R run --rm $I /nowhere 2>/dev/null
        engine $R run --rm $I /etc/passwd 2>/dev/null
    """,
    "input and terminal": """
        echo in | engine $R run --rm -i $I cat
        head -c 1000000 /dev/zero | engine $R run --rm -i $I wc -c
        engine $R run --rm -t $I sh -c 'test -t 1 && echo terminal'
        script -qec "engine $R run --rm -it $I sh -c 'test -t 0 && echo tty'" /dev/null
    """,
    "users and process": """
        engine $R run --rm -u 1000 $I id
        engine $R run --rm -u app:root $I id
        engine $R run --rm -u nobody-here $I id 2>/dev/null
        engine $R run --rm -e A=b -w /tmp --hostname host $I sh -c 'echo $A; pwd; hostname'
        engine $R run --rm --entrypoint echo $I from entrypoint
        engine $R run --rm --init $I sh -c 'test -e /run/podman-init || test -e /dev/init; echo $?'
        engine $R run --rm --ulimit nofile=64:64 $I sh -c 'ulimit -n'
    """,
    "filesystem": """
        engine $R run --rm --read-only $I touch /file
        engine $R run --rm --read-only --tmpfs /scratch:size=1m $I sh -c 'touch /scratch/f && ls /scratch'
        echo host > $D/file; engine $R run --rm -v $D:/data $I sh -c 'cat /data/file; echo new > /data/new'
        cat $D/new
        engine $R run --rm -v $D:/data:ro $I touch /data/file
        engine $R run --rm -v $D:/data:O $I sh -c 'touch /data/gone && ls /data/gone'
        ls $D/gone
        engine $R run --rm -v $N:/volume $I sh -c 'echo kept > /volume/f'
        engine $R run --rm -v $N:/volume $I cat /volume/f
        engine $R run --rm --mount type=image,source=$I,target=/image $I cat /image/etc/number
        engine $R run --rm --shm-size 2m $I sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'
        engine $R run --rm --device /dev/null:/dev/other $I ls /dev/other
        engine volume rm $N
    """,
    "network": """
        engine $R run --rm --network none $I ip -o link
        engine $R run --rm --network host $I sh -c 'ls /sys/class/net | grep -c lo'
        engine $R run --rm $I ping -c 1 -W 5 -q 10.88.0.1 | grep received
        engine $R run -d --name $N --network none $I sh -c 'nc -l -p 80 -e echo answer; sleep 100'
        engine $R run --rm --network container:$N $I sh -c 'sleep 1; nc 127.0.0.1 80'
        engine $R run --rm --network none --add-host a.example:10.0.0.2 $I grep a.example /etc/hosts
        engine $R run --rm -p 127.0.0.1::80 $I true
    """,
    "security": """
        engine $R run --rm $I grep -E 'Cap|Seccomp|NoNew' /proc/self/status
        engine $R run --rm --cap-drop ALL --cap-add NET_BIND_SERVICE $I grep Cap /proc/self/status
        engine $R run --rm --security-opt no-new-privileges $I grep NoNew /proc/self/status
        engine $R run --rm --security-opt seccomp=unconfined $I grep Seccomp: /proc/self/status
        engine $R run --rm --privileged $I true
        engine $R run --rm --pid host $I sh -c 'test $$ -ne 1'
    """,
    "exec": """
        engine $R run -d --name $N --network none $I sleep 100
        engine exec $N sh -c 'echo out; echo err >&2; exit 5' 2>/dev/null
        echo in | engine exec -i $N cat
        script -qec "engine exec -it $N sh -c 'test -t 0 && echo tty'" /dev/null
        engine exec -u app -w /tmp -e A=b $N sh -c 'id; pwd; echo $A'
        engine exec -d $N touch /tmp/detached
        sleep 1; engine exec $N ls /tmp
        engine exec $N /nowhere 2>/dev/null
        engine exec --privileged $N grep CapEff /proc/self/status
        engine exec $N grep -E 'Cap|Seccomp|NoNew' /proc/self/status
        engine top $N pid comm
        engine stats --no-stream --format '{{.Name}}' $N
        engine update -m 48m $N
        engine exec $N sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max'
    """,
    "life": """
        engine $R create --name $N --network none $I sh -c 'echo started; trap "exit 9" TERM; while :; do sleep 0.1; done'
        engine start $N
        engine pause $N
        engine inspect -f '{{.State.Status}}' $N
        engine unpause $N
        engine restart -t 5 $N
        engine kill -s TERM $N
        engine wait $N
        engine inspect -f '{{.State.Status}} {{.State.ExitCode}}' $N
        engine logs $N
        engine start $N
        engine stop -t 5 $N
        engine rename $N $N-renamed; engine rename $N-renamed $N
        engine rm $N
        engine ps -a -q -f name=$N
    """,
    "attached and detached": """
        engine $R run -d --name $N --network none $I sh -c 'sleep 1; echo late; exit 4'
        engine attach --no-stdin $N
        engine logs --tail 1 $N
        engine start -a $N
        engine $R run --rm -d --name $N-2 --network none $I sleep 0.2
        sleep 2; engine ps -a -q -f name=$N-2
        engine $R run --cidfile $D/cid --rm --network none $I true; wc -c < $D/cid
    """,
    "restart policy": """
        engine $R run -d --name $N --network none --restart on-failure:2 $I sh -c 'exit 3'
        sleep 5; engine inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}' $N
    """,
    "health": """
        engine $R run -d --name $N --network none --health-cmd 'test -e /tmp/up' --health-interval disable $I sh -c 'touch /tmp/up; sleep 100'
        sleep 0.5; engine healthcheck run $N
        engine exec $N rm /tmp/up
        engine healthcheck run $N
        engine inspect -f '{{.State.Health.FailingStreak}}' $N
    """,
    "files": """
        engine $R run --name $N --network none $I sh -c 'echo made > /made'
        engine diff $N | grep made
        engine cp $N:/made $D/made; cat $D/made
        echo in > $D/in; engine cp $D/in $N:/in; engine start -a $N
        engine export $N | tar -t | grep -x -e made -e in
        engine commit -q $N localhost/everyday/$N:1 | wc -c
        engine rmi localhost/everyday/$N:1 >/dev/null
    """,
    "pods": """
        engine $R pod create --name $N-pod --network none
        engine $R run -d --pod $N-pod --name $N $I sh -c 'nc -l -p 80 -e echo answer; sleep 100'
        engine $R run --rm --pod $N-pod $I sh -c 'sleep 1; nc 127.0.0.1 80'
        engine pod inspect -f '{{.State}} {{.NumContainers}}' $N-pod
        engine pod pause $N-pod
        engine pod unpause $N-pod
        engine pod stop -t 0 $N-pod 2>/dev/null
        engine pod rm -f $N-pod
    """,
}


class EverydayPodman(PodmanTest, EverydayTest):
    SCRIPTS = SCRIPTS

    @classmethod
    def make_engines(cls):
        return super().make_engines(audit_too=True)

    def runtime_words(self, kind):
        return f"--runtime {kind}"

    def clean_up(self, container):
        names = self.one.podman("ps", "-a", "-q", "-f", f"name={container}").stdout.split()
        self.podman("pod", "rm", "-f", "-t", "0", f"{container}-pod")
        if names:
            self.podman("rm", "-f", "-v", "-t", "0", *names)

    def test_everyday_commands_give_what_they_give_with_the_plain_runtime(self):
        self.one.sign_pause_image()
        variables = [f"{name}={value}" for name, value in self.one.env.items()
                     if name.startswith("CONTAINERS_")]
        self.compare_all("env", *variables, "podman")


class EverydayPodmanOnCrun(EverydayPodman):
    runtime = "crun"
    kinds = ("crun", *KINDS[1:])
    SCRIPTS = {name: SCRIPTS[name] for name in (
        "exit codes", "input and terminal", "security", "exec", "life", "health", "pods")}


if __name__ == "__main__":
    unittest.main()
