// The programs of an image by which a connection gets from an exec session to a port. Each tries the addresses in their order, copies both ways, passes on the end
// of each side, and ends when the port ends the connection.
import { ActionError } from '../errors.ts';
import { type InsideTask, runInside } from './task.ts';
import { isNoProgram } from './whole.ts';

/** Where a connection leads to, as the program dials it. */
export interface Dial {
  readonly hosts: readonly string[];
  readonly port: number;
}

/** A program that connects, and how it is started. */
export interface Connector {
  readonly name: string;
  readonly command: (dial: Dial) => string[];
}

const PYTHON = `import os,socket,sys,threading
s=None
for h in sys.argv[2:]:
    try:
        s=socket.create_connection((h,int(sys.argv[1])),10)
        break
    except OSError as e:
        sys.stderr.write("%s\\n"%e)
if s is None: os._exit(1)
s.settimeout(None)
def up():
    try:
        while 1:
            b=os.read(0,65536)
            if not b: break
            s.sendall(b)
        s.shutdown(socket.SHUT_WR)
    except OSError: pass
t=threading.Thread(target=up)
t.daemon=True
t.start()
try:
    while 1:
        b=s.recv(65536)
        if not b: break
        while b: b=b[os.write(1,b):]
except OSError: os._exit(1)
os._exit(0)`;

const PERL = `use IO::Socket::INET;
my ($p,@h)=@ARGV; my $s;
for (@h) { $s=IO::Socket::INET->new(PeerAddr=>$_,PeerPort=>$p,Proto=>"tcp",Timeout=>10) and last; print STDERR "$@\\n"; }
exit 1 unless $s;
sub copy { my ($f,$t)=@_; my $b; while (sysread($f,$b,65536)) { my $o=0; while ($o<length $b) { my $n=syswrite($t,$b,length($b)-$o,$o); return unless $n; $o+=$n } } }
my $k=fork;
if (!$k) { copy(*STDIN,$s); shutdown($s,1); exit 0 }
copy($s,*STDOUT); kill 9,$k; exit 0;`;

const NODE = `const net=require('net');const [p,...h]=process.argv.slice(1);
const go=()=>{if(!h.length)process.exit(1);const s=net.connect({port:+p,host:h.shift(),allowHalfOpen:true});
s.once('error',(e)=>{console.error(e.message);s.ok?process.exit(1):go()});
s.once('connect',()=>{s.ok=1;process.stdin.pipe(s);s.pipe(process.stdout,{end:false});s.once('end',()=>process.stdout.write('',()=>process.exit(0)))})};go()`;

/** Returns a script that runs a command for each host until one connects: `$h` is the host, and `$p` the port. */
const each = (command: string): string => `p=$1; shift; c=1; for h; do ${command}; c=$?; [ $c -eq 0 ] && exit 0; done; exit $c`;

const BASH = `p=$1; shift
for h; do if exec 3<>"/dev/tcp/$h/$p"; then
cat <&3 & r=$!
cat <&0 >&3 2>/dev/null & w=$!
wait $r; kill $w 2>/dev/null; exit 0
fi; done; exit 1`;

const sh =
  (text: string): Connector['command'] =>
  ({ hosts, port }) => ['/bin/sh', '-c', text, 'sh', String(port), ...hosts];

const CONNECTORS: readonly (Connector & { /** The text of the shell that finds the program. */ readonly test: string })[] = [
  { name: 'socat', test: 'command -v socat', command: sh(each('socat -t 86400 - "TCP:$h:$p"')) },
  // OpenBSD's ends its side of the connection only with -N.
  { name: 'nc', test: 'command -v nc', command: sh(`n=; case $(nc -h 2>&1) in *-N*) n=-N;; esac; ${each('nc $n "$h" "$p"')}`) },
  { name: 'busybox nc', test: 'command -v busybox && busybox --list | grep -qx nc', command: sh(each('busybox nc "$h" "$p"')) },
  {
    name: 'bash',
    test: 'command -v bash && command -v cat',
    command: ({ hosts, port }) => ['bash', '-c', BASH, 'bash', String(port), ...hosts],
  },
  ...interpreters('python3', ['-c', PYTHON]),
  ...interpreters('perl', ['-e', PERL]),
  ...interpreters('node', ['-e', NODE]),
];

function interpreters(name: string, args: readonly string[]) {
  const module = name === 'perl' ? ' && perl -MIO::Socket::INET -e 1' : '';
  return [{ name, test: `command -v ${name}${module}`, command: ({ hosts, port }: Dial) => [name, ...args, String(port), ...hosts] }];
}

const FIND = CONNECTORS.map(({ name, test }) => `if { ${test}; } >/dev/null 2>&1; then echo "${name}"; exit 0; fi`).join('\n');

/**
 * Returns the first program of a task that connects; undefined where the image has none. It is started by the shell, because the driver raw_exec would look for it on
 * the path of Nomad. An image without a shell may have one of the interpreters.
 */
export async function findConnector(inside: InsideTask, signal: AbortSignal): Promise<Connector | undefined> {
  const asked = await runInside(inside, ['/bin/sh', '-c', FIND], { signal }).catch((error: unknown) => noProgram(error));
  const name = asked.stdout.toString('utf8').trim();
  const found = CONNECTORS.find((one) => one.name === name);
  if (found !== undefined) return { name, command: (dial) => ['/bin/sh', '-c', 'exec "$@"', 'sh', ...found.command(dial)] };
  if (asked.code === 0) return undefined;
  for (const one of ['python3', 'perl', 'node']) {
    const { code } = await runInside(
      inside,
      [one, ...(one === 'perl' ? ['-MIO::Socket::INET'] : []), one === 'python3' ? '-c' : '-e', ''],
      { signal },
    ).catch(noProgram);
    if (code === 0) return CONNECTORS.find((connector) => connector.name === one);
  }
  return undefined;
}

/** Returns the end of a program that the task does not have. */
function noProgram(error: unknown): { readonly code: number; readonly stdout: Buffer } {
  if (isNoProgram(error) || (error instanceof ActionError && error.code === 'input-invalid')) return { code: 127, stdout: Buffer.alloc(0) };
  throw error;
}
