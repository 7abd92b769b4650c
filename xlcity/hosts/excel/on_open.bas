Option Explicit

Private Sub Workbook_Open()
    Dim sheet As Worksheet, row As Long, column As Long, help() As String
    On Error GoTo done
    Application.ScreenUpdating = False
    ThisWorkbook.IsAddin = False
    Set sheet = ThisWorkbook.Worksheets(1)
    row = 1
    Do While sheet.Cells(row, TEXTS).Value <> ""
        column = TEXTS + 3
        Do While sheet.Cells(row, column).Value <> ""
            ReDim Preserve help(0 To column - TEXTS - 3)
            help(column - TEXTS - 3) = sheet.Cells(row, column).Value
            column = column + 1
        Loop
        Application.MacroOptions Macro:=sheet.Cells(row, TEXTS).Value, _
            Description:=sheet.Cells(row, TEXTS + 1).Value, _
            Category:=sheet.Cells(row, TEXTS + 2).Value, ArgumentDescriptions:=help
        row = row + 1
    Loop
done:
    ThisWorkbook.IsAddin = True
    ThisWorkbook.Saved = True
    Application.ScreenUpdating = True
End Sub
