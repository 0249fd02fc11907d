#!/usr/bin/env python3
"""Runs the scripts of the case files in the real shells and writes down what they print.

    record.py --root DIR [FILE…]        DIR: a root file system with /bin/{busybox,dash,bash} and links to busybox for each applet

A case: `=== SHELLS` and a script, then for each group of shells with the same answer `--- SHELLS` and the answer, of which
`| ` is standard output, `! ` standard error, `|~` and `!~` a last line without newline, `= N` an exit code other than 0.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess

SHELLS = {"ash": ("/bin/busybox", "/bin/sh"), "dash": ("/bin/dash", "/bin/sh"), "bash": ("/bin/bash", "/bin/bash")}
ENV = {"PATH": "/usr/local/bin:/bin", "HOME": "/root", "HOSTNAME": "box"}


def run(root, shell, script):
    for folder in ("w", "tmp"):
        shutil.rmtree(f"{root}/{folder}")
        os.mkdir(f"{root}/{folder}")
    link = f"{root}/bin/sh"
    if os.path.lexists(link):
        os.unlink(link)
    file, zero = SHELLS[shell]
    os.symlink(os.path.basename(file), link)

    def enter():
        os.chroot(root)
        os.chdir("/w")
        os.umask(0o022)
    process = subprocess.run([zero, "-c", script], executable=file, env=ENV, preexec_fn=enter, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=10)
    return answer(process.stdout, process.stderr, process.returncode)


def answer(out, err, code):
    text = ""
    for mark, data in (("|", out), ("!", err)):
        lines = data.decode(errors="replace").split("\n")
        last = lines.pop()
        text += "".join(f"{mark} {line}".rstrip() + "\n" if not line else f"{mark} {line}\n" for line in lines)
        text += f"{mark}~{last}\n" if last else ""
    return text + (f"= {code if code >= 0 else 128 - code}\n" if code else "")


def record(root, path):
    head, *cases = re.split(r"^=== ", path.read_text(), flags=re.M)
    done = head
    for case in cases:
        shells, rest = case.split("\n", 1)
        script = re.split(r"^--- ", rest, flags=re.M)[0].removesuffix("\n")
        groups = {}
        for shell in shells.split():
            groups.setdefault(run(root, shell, script), []).append(shell)
        done += f"=== {shells}\n{script}\n" + "".join(f"--- {' '.join(names)}\n{text}" for text, names in groups.items())
    path.write_text(done)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", required=True)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    for path in options.files or sorted(pathlib.Path(__file__).parent.glob("*.txt")):
        record(options.root, path)


if __name__ == "__main__":
    main()
