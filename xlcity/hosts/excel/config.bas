Function GetConfig(configKey As String, Optional default As String = "", Optional source As String = "") As Variant
    ' Only the add-in's own sheet: other workbooks and their folders may come from strangers.
    GetConfig = default
    If SheetExists(ThisWorkbook, PROJECT_NAME & ".conf") = True Then
        If GetConfigFromSheet(ThisWorkbook).Exists(configKey) = True Then
            GetConfig = GetConfigFromSheet(ThisWorkbook).Item(configKey)
        End If
    End If
    GetConfig = ExpandEnvironmentStrings(GetConfig)
End Function
