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
            .getScript("vnd.sun.star.script:xlcity_calc.py$call?language=Python&location=user")
    End If
    rows = bridge.invoke(Array(name, count, given), Array(), Array())
    down = UBound(rows) + 1
    across = UBound(rows(0)) + 1
    If down = 1 And across = 1 Then
        xlcity_call = rows(0)(0)
        Exit Function
    End If
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

Function PM25_GRADE(Optional a1, Optional a2, Optional a3) As Variant
    Dim given(2) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    PM25_GRADE = xlcity_call("PM25_GRADE", count, given)
End Function

Function ZSCORE_INDEX(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
    Dim given(5) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    ZSCORE_INDEX = xlcity_call("ZSCORE_INDEX", count, given)
End Function

Function BAND_INDEX(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7) As Variant
    Dim given(6) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    BAND_INDEX = xlcity_call("BAND_INDEX", count, given)
End Function

Function LINK_MATRIX(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7, Optional a8) As Variant
    Dim given(7) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    If Not IsMissing(a8) Then
        given(7) = a8
        count = 8
    End If
    LINK_MATRIX = xlcity_call("LINK_MATRIX", count, given)
End Function

Function LINK_STRENGTH(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
    Dim given(5) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    LINK_STRENGTH = xlcity_call("LINK_STRENGTH", count, given)
End Function

Function PAIR_SCORES(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7) As Variant
    Dim given(6) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    PAIR_SCORES = xlcity_call("PAIR_SCORES", count, given)
End Function

Function EIGEN_CENTRALITY(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
    Dim given(4) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    EIGEN_CENTRALITY = xlcity_call("EIGEN_CENTRALITY", count, given)
End Function

Function DEGREE_CENTRALITY(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
    Dim given(3) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    DEGREE_CENTRALITY = xlcity_call("DEGREE_CENTRALITY", count, given)
End Function

Function DENOMINATE(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
    Dim given(3) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    DENOMINATE = xlcity_call("DENOMINATE", count, given)
End Function

Function IMPUTE_DIMENSION(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
    Dim given(3) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    IMPUTE_DIMENSION = xlcity_call("IMPUTE_DIMENSION", count, given)
End Function

Function ZSCORE_WINSOR(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7, Optional a8) As Variant
    Dim given(7) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    If Not IsMissing(a8) Then
        given(7) = a8
        count = 8
    End If
    ZSCORE_WINSOR = xlcity_call("ZSCORE_WINSOR", count, given)
End Function

Function MINMAX_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7, Optional a8, Optional a9) As Variant
    Dim given(8) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    If Not IsMissing(a8) Then
        given(7) = a8
        count = 8
    End If
    If Not IsMissing(a9) Then
        given(8) = a9
        count = 9
    End If
    MINMAX_SCALE = xlcity_call("MINMAX_SCALE", count, given)
End Function

Function RATING_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
    Dim given(4) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    RATING_SCALE = xlcity_call("RATING_SCALE", count, given)
End Function

Function EFFICACY_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7) As Variant
    Dim given(6) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    EFFICACY_SCALE = xlcity_call("EFFICACY_SCALE", count, given)
End Function

Function WEIGHTED_INDEX(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7) As Variant
    Dim given(6) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    If Not IsMissing(a7) Then
        given(6) = a7
        count = 7
    End If
    WEIGHTED_INDEX = xlcity_call("WEIGHTED_INDEX", count, given)
End Function

Function RANK_UNIFORM(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
    Dim given(4) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    RANK_UNIFORM = xlcity_call("RANK_UNIFORM", count, given)
End Function

Function RANK_COMPETITION(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
    Dim given(5) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    RANK_COMPETITION = xlcity_call("RANK_COMPETITION", count, given)
End Function

Function PEARSON_MATRIX(Optional a1, Optional a2, Optional a3) As Variant
    Dim given(2) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    PEARSON_MATRIX = xlcity_call("PEARSON_MATRIX", count, given)
End Function

Function REGRESSION_SIMPLE(Optional a1, Optional a2, Optional a3) As Variant
    Dim given(2) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    REGRESSION_SIMPLE = xlcity_call("REGRESSION_SIMPLE", count, given)
End Function

Function CLUSTER_LABELS(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
    Dim given(5) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    If Not IsMissing(a3) Then
        given(2) = a3
        count = 3
    End If
    If Not IsMissing(a4) Then
        given(3) = a4
        count = 4
    End If
    If Not IsMissing(a5) Then
        given(4) = a5
        count = 5
    End If
    If Not IsMissing(a6) Then
        given(5) = a6
        count = 6
    End If
    CLUSTER_LABELS = xlcity_call("CLUSTER_LABELS", count, given)
End Function
