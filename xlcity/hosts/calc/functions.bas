REM The functions of xlcity for LibreOffice Calc. Generated: do not edit.
Option Explicit

Private bridge As Variant

Private Function xlcity_call(name As String, count As Integer, given As Variant) As Variant
    Dim rows As Variant
    Dim down As Long, across As Long, r As Long, c As Long
    On Error GoTo Failed
    If IsEmpty(bridge) Then
        bridge = createUnoService("com.sun.star.script.provider.MasterScriptProviderFactory") _
            .createScriptProvider("") _
            .getScript("vnd.sun.star.script:{script}$call?language=Python&location=user")
    End If
    rows = bridge.invoke(Array(name, count, given), Array(), Array())
    down = UBound(rows) + 1
    across = UBound(rows(0)) + 1
    Dim block(1 To down, 1 To across) As Variant
    For r = 1 To down
        For c = 1 To across
            block(r, c) = rows(r - 1)(c - 1)
        Next c
    Next r
    xlcity_call = block
    Exit Function
Failed:
    xlcity_call = xlcity_not_loaded()
End Function

REM #NAME? as Calc spells it: a number that only a stream of bytes can make.
Private Function xlcity_not_loaded() As Variant
    Dim pipe As Variant, reader As Variant
    pipe = createUnoService("com.sun.star.io.Pipe")
    pipe.writeBytes(Array(127, -8, 0, 0, 0, 0, 2, 13))
    reader = createUnoService("com.sun.star.io.DataInputStream")
    reader.setInputStream(pipe)
    xlcity_not_loaded = reader.readDouble()
End Function
