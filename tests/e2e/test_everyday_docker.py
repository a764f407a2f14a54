"""What people do with docker every day works with runward as it does with plain runc."""

import unittest

from everyday import EverydayTest

SCRIPTS = {
    "exit codes": """
        engine run --rm $R $I true
        engine run --rm $R $I sh -c 'echo out; echo err >&2; exit 3' 2>/dev/null
        engine run --rm $R $I sh -c 'echo out; echo err >&2; exit 3' >/dev/null
        engine run --rm $R $I /nowhere
        engine run --rm $R $I /etc/passwd
        engine run --rm $R $I /etc
        engine run --rm $R $I sh -c 'kill -9 $$; echo init is not killed so'
    """,
    "input and terminal": """
        echo in | engine run --rm -i $R $I cat
        head -c 1000000 /dev/zero | engine run --rm -i $R $I wc -c
        engine run --rm -t $R $I sh -c 'test -t 1 && echo terminal'
        script -qec "engine run --rm -it $R $I sh -c 'stty size; test -t 0 && echo tty'" /dev/null
    """,
    "users": """
        engine run --rm -u 1000 $R $I id
        engine run --rm -u app:root $R $I id
        engine run --rm -u 1000:1000 --group-add 7 $R $I id
        engine run --rm -u nobody-here $R $I id
    """,
    "process": """
        engine run --rm -e A=b -e EMPTY= -w /tmp -h host $R $I sh -c 'echo $A; pwd; hostname; env | grep -c EMPTY'
        engine run --rm -w /made/here $R $I pwd
        engine run --rm --entrypoint echo $R $I from entrypoint
        engine run --rm --init $R $I ps -o comm
        engine run --rm --ulimit nofile=64:64 $R $I sh -c 'ulimit -n'
        engine run --rm --oom-score-adj 100 $R $I cat /proc/self/oom_score_adj
        engine run --rm --sysctl net.ipv4.ip_forward=0 $R $I cat /proc/sys/net/ipv4/ip_forward
    """,
    "filesystem": """
        engine run --rm --read-only $R $I touch /file
        engine run --rm --read-only --tmpfs /scratch:size=1m $R $I sh -c 'touch /scratch/f && ls /scratch'
        echo host > $D/file; engine run --rm -v $D:/data $R $I sh -c 'cat /data/file; echo new > /data/new'
        cat $D/new
        engine run --rm -v $D:/data:ro $R $I touch /data/file
        engine run --rm --mount type=bind,source=$D,target=/data,readonly $R $I cat /data/new
        engine run --rm -v $N:/volume $R $I sh -c 'echo kept > /volume/f'
        engine run --rm -v $N:/volume $R $I cat /volume/f
        engine run --rm -v /anonymous $R $I touch /anonymous/f
        engine run --rm --shm-size 2m $R $I sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'
        engine run --rm --device /dev/null:/dev/other $R $I ls /dev/other
        engine volume rm $N
    """,
    "network": """
        engine run --rm --network none $R $I ip -o link
        engine run --rm --network host $R $I sh -c 'ls /sys/class/net | grep docker0'
        engine run --rm $R $I ping -c 1 -W 5 -q 10.231.0.1 | grep received
        engine run -d --name $N $R $I sh -c 'nc -l -p 80 -e echo answer; sleep 100'
        engine run --rm --network container:$N $R $I sh -c 'sleep 1; nc 127.0.0.1 80'
        engine run --rm --dns 10.0.0.1 --add-host a.example:10.0.0.2 $R $I sh -c 'cat /etc/resolv.conf; grep a.example /etc/hosts'
        engine port $N
    """,
    "security": """
        engine run --rm $R $I grep -E 'Cap|Seccomp|NoNew' /proc/self/status
        engine run --rm --cap-drop ALL --cap-add NET_BIND_SERVICE $R $I grep Cap /proc/self/status
        engine run --rm --security-opt no-new-privileges $R $I grep NoNew /proc/self/status
        engine run --rm --security-opt seccomp=unconfined $R $I grep Seccomp: /proc/self/status
        engine run --rm --privileged $R $I true
        engine run --rm --pid host $R $I sh -c 'test $$ -ne 1'
        engine run --rm --ipc host --uts host $R $I true
    """,
    "limits": """
        engine run -d --name $N -m 32m --pids-limit 50 --cpus 0.5 $R $I sleep 100
        engine inspect -f '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}}' $N
        engine update -m 48m --memory-swap 96m --cpus 1 $N
        engine exec $N sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max'
        engine stats --no-stream --format '{{.Name}}' $N
        engine top $N -eo comm
        engine run --rm --cgroup-parent /$N $R $I true
    """,
    "exec": """
        engine run -d --name $N $R $I sleep 100
        engine exec $N sh -c 'echo out; echo err >&2; exit 5' 2>/dev/null
        echo in | engine exec -i $N cat
        script -qec "engine exec -it $N sh -c 'test -t 0 && echo tty'" /dev/null
        engine exec -u app -w /tmp -e A=b $N sh -c 'id; pwd; echo $A'
        engine exec -d $N touch /tmp/detached
        sleep 1; engine exec $N ls /tmp
        engine exec $N /nowhere
        engine exec --privileged $N true
        engine exec $N grep -E 'Cap|Seccomp|NoNew' /proc/self/status
    """,
    "life": """
        engine create --name $N $R $I sh -c 'echo started; trap "exit 9" TERM; while :; do sleep 0.1; done'
        engine start $N
        engine pause $N
        engine inspect -f '{{.State.Status}}' $N
        engine exec $N true
        engine unpause $N
        engine restart -t 5 $N
        engine kill -s TERM $N
        engine wait $N
        engine inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}' $N
        engine logs $N
        engine start $N
        engine stop -t 5 $N
        engine rename $N $N-renamed; engine rename $N-renamed $N
        engine rm $N
        engine ps -a -q -f name=$N
    """,
    "attached and detached": """
        engine run -d --name $N $R $I sh -c 'sleep 1; echo late; exit 4'
        engine attach --no-stdin $N
        engine logs --tail 1 $N
        engine start -a $N
        engine run --rm -d --name $N-2 $R $I sleep 0.2
        sleep 2; engine ps -a -q -f name=$N-2
        engine run --cidfile $D/cid --rm $R $I true; wc -c < $D/cid
    """,
    "restart policy": """
        engine run -d --name $N --restart on-failure:2 $R $I sh -c 'exit 3'
        sleep 4; engine inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}' $N
    """,
    "health": """
        engine run -d --name $N --health-cmd 'test -e /tmp/up' --health-interval 1s --health-retries 2 $R $I sh -c 'touch /tmp/up; sleep 100'
        for i in $(seq 20); do s=$(engine inspect -f '{{.State.Health.Status}}' $N); [ $s = healthy ] && break; sleep 0.5; done; echo $s
        engine exec $N rm /tmp/up
        for i in $(seq 20); do s=$(engine inspect -f '{{.State.Health.Status}}' $N); [ $s = unhealthy ] && break; sleep 0.5; done; echo $s
    """,
    "files": """
        engine run --name $N $R $I sh -c 'echo made > /made'
        engine diff $N
        engine cp $N:/made $D/made; cat $D/made
        echo in > $D/in; engine cp $D/in $N:/in; engine start -a $N
        engine export $N | tar -t | grep -x -e made -e in
        engine commit -q $N everyday/$N:1
        engine rmi everyday/$N:1
    """,
}


class EverydayDocker(EverydayTest):
    SCRIPTS = SCRIPTS

    def runtime_words(self, kind):
        return f"--runtime {kind}"

    def clean_up(self, container):
        names = self.one.docker("ps", "-aq", "-f", f"name={container}").stdout.split()
        if names:
            self.one.docker("rm", "-f", "-v", *names)

    def test_everyday_commands_give_what_they_give_with_plain_runc(self):
        self.compare_all("docker", "-H", f"unix://{self.one.socket}")


if __name__ == "__main__":
    unittest.main()
