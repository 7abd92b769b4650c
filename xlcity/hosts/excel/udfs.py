"""The functions as xlwings calls them, for an add-in that was not written on this machine.

`udf install` writes a module of its own, which also knows the person's own functions.
"""

from xlcity.hosts.excel.module import module_text

exec(compile(module_text(), __file__, "exec"), globals())
