"""What `import xlcity` offers: frameworks, data, indices, workbooks and audits as Python objects.

Tables come in as files or pandas frames and go out as pandas frames; every fault is an
`XlcityError` whose `problems` say where it is, what is wrong and what to do.
"""
