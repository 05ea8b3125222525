"""Start child processes that never outlive us, and as root with fewer rights than ours."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_OVERRIDE = 1
_CAPABILITY_VERSION_3 = 0x20080522
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: a forked child should not load libraries


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


_HEADER = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
_REACH_FILES = (_Capabilities * 2)(_Capabilities(*[1 << _CAP_DAC_OVERRIDE] * 3), _Capabilities(0, 0, 0))


@dataclass(frozen=True)
class Identity:
    """Whom a server runs as. PostgreSQL refuses to run as root, so root has to become somebody else.

    In a user namespace of its own a process of root's can still use root's files and has no other right: no
    file changes hands. Where the kernel forbids that, or the folder is not root's, it changes its user, and of
    root's rights keeps only that of reaching files: the way to the data or the programs may be root's alone.
    """

    uid: int
    gid: int
    own_namespace: bool = False

    def owns(self, folder: Path) -> None:
        """Hand a folder of the server's, with all in it, to this identity where it is another's."""
        if os.geteuid() == 0 and folder.stat().st_uid != self.uid:
            for path in (*folder.rglob("*"), folder):  # the folder last: a hand-over cut short is begun again
                os.chown(path, self.uid, self.gid, follow_symlinks=False)


def identity_for(folder: Path) -> Identity:
    """Return whom a server should run as that keeps its data in `folder`.

    Nobody but root can become somebody else. Root becomes the folder's owner, if that is another; else stays
    the owner of its files inside a user namespace; else becomes the system's `nobody`.
    """
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid())
    owner = folder.stat()
    if owner.st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid)
    if _may_have_namespace():
        return Identity(0, 0, own_namespace=True)
    nobody = pwd.getpwnam("nobody")
    return Identity(nobody.pw_uid, nobody.pw_gid)


def ourselves() -> Identity:
    """Return the identity of this very process."""
    return Identity(os.geteuid(), os.getegid())


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    identity: Identity | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command whose output goes to `log`, in a session of its own so that Ctrl-C reaches only us.

    When we die, however we die, the kernel sends it `death_signal` (Linux only).
    """
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - programs we found, with words of ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
            cwd="/" if identity and identity != ourselves() else None,
            preexec_fn=before_exec(death_signal, identity or ourselves()),  # noqa: PLW1509 - no threads yet here
        )


def before_exec(death_signal: signal.Signals, identity: Identity) -> Callable[[], None]:
    """Return what a forked child does before it becomes its command: give up rights, ask to die with us.

    The kernel forgets the wish to die with the parent when the user changes, so it comes last.
    """
    parent = os.getpid()

    def prepare() -> None:
        become(identity)
        die_with_parent(death_signal)
        if os.getppid() != parent:  # the parent was gone before we could ask
            os._exit(1)

    return prepare


def become(identity: Identity) -> None:
    """Take on an identity; there is no way back."""
    if identity.own_namespace:
        if _LIBC.unshare(_CLONE_NEWUSER) != 0:
            raise OSError(ctypes.get_errno(), "No user namespace of our own")
    elif os.geteuid() == 0 and identity.uid != 0:
        _LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setgid(identity.gid)
        os.setuid(identity.uid)
        _LIBC.capset(ctypes.byref(_HEADER), _REACH_FILES)
        _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_OVERRIDE, 0, 0)


def die_with_parent(death_signal: signal.Signals) -> None:
    """Ask the kernel for a signal at the moment the process that started us ends (Linux only)."""
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)


def stop(*processes: subprocess.Popen[bytes], first: signal.Signals = signal.SIGTERM, grace: float = 5.0) -> None:
    """Stop processes we started: ask each in turn, wait for all, kill those that need over `grace` seconds."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(first)
    deadline = time.monotonic() + grace
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # children it left behind, in the session we gave it


def _may_have_namespace() -> bool:
    """Try out whether the kernel lets us make a user namespace."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if _LIBC.unshare(_CLONE_NEWUSER) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0
