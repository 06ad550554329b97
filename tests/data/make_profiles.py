# -*- coding: utf-8 -*-
"""Writes the profiles of one interpreter, and beside each what that interpreter says is in it.

    for python in python2.7 python3.6 ... python3.13; do $python make_profiles.py; done

Makes VERSION/NAME.stat with cProfile and with the old profile module, and VERSION/NAME.txt.  Timers are fake, so the
times are the same on every run.  Runs on CPython 2.7 and all of 3.
"""

from __future__ import unicode_literals

import cProfile
import marshal
import os
import profile
import sys
import types

PYTHON_2 = sys.version_info[0] == 2

SOURCE = """
def twice(function):
    function()
    function()

def leaf():
    len("")

def recursive(depth):
    leaf()
    if depth:
        recursive(depth - 1)

def generate():
    for i in range(3):
        yield i

class Thing:
    def method(self):
        return sorted([3, 1, 2], key=lambda value: -value)

twice(leaf)
recursive(4)
sum(generate())
Thing().method()
"""
UNICODE_SOURCE = """
def größe():
    函数()

def 函数():
    pass

größe()
"""
PLAIN_SOURCE = """
def outer():
    inner()

def inner():
    pass

outer()
"""


def ticking(step, start=0):
    """A timer that advances by `step` each time it is read."""
    now = [start]

    def read():
        now[0] += step
        return now[0]

    return read


def native(text):
    """A file name: UTF-8 in Python 2."""
    return text.encode("utf-8") if PYTHON_2 else text


def code(source, name):
    return compile(source, name, "exec", 0, True)


def with_cprofile(timer, unit, program):
    profiler = cProfile.Profile(timer, unit)
    variables = {"__name__": native("__main__")}
    profiler.runctx(program, variables, variables)
    return profiler


def with_profile(timer, program):
    """What `python -m profile SCRIPT` does."""
    profiler = profile.Profile(timer, 0)
    variables = {"__name__": native("__main__")}
    profiler.set_cmd(program)
    sys.setprofile(profiler.dispatcher)
    try:
        eval(program, variables)
    finally:
        sys.setprofile(None)
    return profiler


def profilers():
    """(name of the file, profiler that has run), one after the other: two cannot run at once."""
    script = code(SOURCE, native("script.py"))
    yield "calls", with_cprofile(ticking(1), 0.001, script)
    yield "real-timer", with_cprofile(ticking(0.1), 0.0, script)
    yield "large-times", with_cprofile(ticking(10**15), 1.0, script)
    yield "file-name", with_cprofile(ticking(1), 0.5, code(PLAIN_SOURCE, native("файл/ﬁle.py")))
    if PYTHON_2:
        yield "not-utf8", with_cprofile(ticking(1), 0.5, code(PLAIN_SOURCE, b"caf\xe9\xff\xc3.py"))
    else:
        yield "not-utf8", with_cprofile(ticking(1), 0.5, code(PLAIN_SOURCE, os.fsdecode(b"caf\xe9\xff\xc3.py")))
        yield "unicode", with_cprofile(ticking(1), 0.5, code(UNICODE_SOURCE, "größe.py"))
    yield "old-profile", with_profile(ticking(0.25), script)
    yield "old-profile-integers", with_profile(ticking(2**40), code(PLAIN_SOURCE, native("script.py")))


def raw(text):
    """The bytes of a name, lone surrogates as three."""
    if isinstance(text, types.CodeType):
        text = '<code object %s, file "%s", line %d>' % (text.co_name, text.co_filename, text.co_firstlineno)
    if PYTHON_2:
        return bytearray(escaped(text) if isinstance(text, bytes) else text.encode("utf-8"))
    return text.encode("utf-8", "surrogatepass")


def escaped(data):
    """In Python 2: each byte that is no part of UTF-8 text as the surrogate that stands for it."""
    out = b""
    while data:
        try:
            data.decode("utf-8")
            return out + data
        except UnicodeDecodeError as error:
            out += data[: error.start] + unichr(0xDC00 + ord(data[error.start])).encode("utf-8")  # noqa: F821
            data = data[error.start + 1 :]
    return out


def shown(text):
    return "".join(chr(byte) if 0x20 < byte < 0x7F and byte != 0x5C else "\\x%02x" % byte for byte in raw(text))


def label(function):
    return "%s:%d(%s)" % (shown(function[0]), function[1], shown(function[2]))


def numbers(ncalls, primitive, tottime, cumtime):
    return " %d/%d %.17g %.17g" % (ncalls, primitive, tottime, cumtime)


def lines(statistics):
    for function, (cc, nc, tt, ct, callers) in statistics.items():
        yield label(function) + numbers(nc, cc, tt, ct)
        for caller, value in callers.items():
            plain = not isinstance(value, tuple)
            edge = "%s <- %s" % (label(function), label(caller))
            yield edge + (" %d" % value if plain else numbers(*value))


def main():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "%d.%d" % sys.version_info[:2])
    if not os.path.isdir(folder):
        os.mkdir(folder)
    for name, profiler in profilers():
        path = os.path.join(folder, name)
        profiler.dump_stats(path + ".stat")
        with open(path + ".stat", "rb") as file:
            statistics = marshal.load(file)
        with open(path + ".txt", "wb") as file:
            file.write("".join(line + "\n" for line in sorted(lines(statistics))).encode("ascii"))


main()
