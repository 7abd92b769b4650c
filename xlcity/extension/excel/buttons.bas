Option Explicit

Public Sub Pressed(control As Object)
    RunPython "from xlcity.extension.excel import buttons; buttons.press('" & _
        control.ID & "', 'LANG')"
    If control.ID = "apply" Then Application.OnUndo "xlcity", "'" & ThisWorkbook.Name & _
        "'!Buttons.TakeBack"
End Sub

Public Sub TakeBack()
    RunPython "from xlcity.extension.excel import buttons; buttons.press('undo', 'LANG')"
End Sub
