Option Explicit

Public Sub Pressed(control As Object)
    RunPython "from xlcity.extension.excel import buttons; buttons.press('" & _
        control.ID & "', 'LANG')"
End Sub
