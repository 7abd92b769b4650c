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

Function EIGEN_CENTRALITY(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    EIGEN_CENTRALITY = xlcity_call("EIGEN_CENTRALITY", count, given)
End Function

Function DEGREE_CENTRALITY(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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

Function PER_MILLION(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    PER_MILLION = xlcity_call("PER_MILLION", count, given)
End Function

Function IMPUTE_MEAN(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    IMPUTE_MEAN = xlcity_call("IMPUTE_MEAN", count, given)
End Function

Function IMPUTE_SERIES(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    IMPUTE_SERIES = xlcity_call("IMPUTE_SERIES", count, given)
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

Function IMPUTE_REGRESSION(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    IMPUTE_REGRESSION = xlcity_call("IMPUTE_REGRESSION", count, given)
End Function

Function IMPUTE_NEIGHBOURS(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    IMPUTE_NEIGHBOURS = xlcity_call("IMPUTE_NEIGHBOURS", count, given)
End Function

Function IMPUTE_EM(Optional a1, Optional a2, Optional a3) As Variant
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
    IMPUTE_EM = xlcity_call("IMPUTE_EM", count, given)
End Function

Function CLIP_PERCENTILE(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    CLIP_PERCENTILE = xlcity_call("CLIP_PERCENTILE", count, given)
End Function

Function CLIP_SD(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    CLIP_SD = xlcity_call("CLIP_SD", count, given)
End Function

Function WINSOR_SKEW(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    WINSOR_SKEW = xlcity_call("WINSOR_SKEW", count, given)
End Function

Function TREAT_LOG(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    TREAT_LOG = xlcity_call("TREAT_LOG", count, given)
End Function

Function TREAT_BOXCOX(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    TREAT_BOXCOX = xlcity_call("TREAT_BOXCOX", count, given)
End Function

Function DIST_REFERENCE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    DIST_REFERENCE = xlcity_call("DIST_REFERENCE", count, given)
End Function

Function FRACTION_MAX(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    FRACTION_MAX = xlcity_call("FRACTION_MAX", count, given)
End Function

Function FRACTION_SUM(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    FRACTION_SUM = xlcity_call("FRACTION_SUM", count, given)
End Function

Function CATEGORY_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    CATEGORY_SCALE = xlcity_call("CATEGORY_SCALE", count, given)
End Function

Function ABOVE_MEAN(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    ABOVE_MEAN = xlcity_call("ABOVE_MEAN", count, given)
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

Function ZSCORE_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    ZSCORE_SCALE = xlcity_call("ZSCORE_SCALE", count, given)
End Function

Function GOALPOST_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    GOALPOST_SCALE = xlcity_call("GOALPOST_SCALE", count, given)
End Function

Function PERCENTILE_SCALE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    PERCENTILE_SCALE = xlcity_call("PERCENTILE_SCALE", count, given)
End Function

Function RANK_BORDA(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    RANK_BORDA = xlcity_call("RANK_BORDA", count, given)
End Function

Function INFOMAX_WEIGHTS(Optional a1, Optional a2) As Variant
    Dim given(1) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    INFOMAX_WEIGHTS = xlcity_call("INFOMAX_WEIGHTS", count, given)
End Function

Function UCM_WEIGHTS(Optional a1, Optional a2) As Variant
    Dim given(1) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    UCM_WEIGHTS = xlcity_call("UCM_WEIGHTS", count, given)
End Function

Function AHP_WEIGHTS(Optional a1, Optional a2) As Variant
    Dim given(1) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    AHP_WEIGHTS = xlcity_call("AHP_WEIGHTS", count, given)
End Function

Function AHP_RATIO(Optional a1, Optional a2) As Variant
    Dim given(1) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    AHP_RATIO = xlcity_call("AHP_RATIO", count, given)
End Function

Function EQUAL_WEIGHTS(Optional a1, Optional a2, Optional a3) As Variant
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
    EQUAL_WEIGHTS = xlcity_call("EQUAL_WEIGHTS", count, given)
End Function

Function ENTROPY_WEIGHTS(Optional a1, Optional a2) As Variant
    Dim given(1) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    ENTROPY_WEIGHTS = xlcity_call("ENTROPY_WEIGHTS", count, given)
End Function

Function CRITIC_WEIGHTS(Optional a1, Optional a2) As Variant
    Dim given(1) As Variant, count As Integer
    If Not IsMissing(a1) Then
        given(0) = a1
        count = 1
    End If
    If Not IsMissing(a2) Then
        given(1) = a2
        count = 2
    End If
    CRITIC_WEIGHTS = xlcity_call("CRITIC_WEIGHTS", count, given)
End Function

Function CV_WEIGHTS(Optional a1, Optional a2, Optional a3) As Variant
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
    CV_WEIGHTS = xlcity_call("CV_WEIGHTS", count, given)
End Function

Function PCA_WEIGHTS(Optional a1, Optional a2, Optional a3) As Variant
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
    PCA_WEIGHTS = xlcity_call("PCA_WEIGHTS", count, given)
End Function

Function BALANCE_WEIGHTS(Optional a1, Optional a2, Optional a3) As Variant
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
    BALANCE_WEIGHTS = xlcity_call("BALANCE_WEIGHTS", count, given)
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

Function OWA_INDEX(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    OWA_INDEX = xlcity_call("OWA_INDEX", count, given)
End Function

Function COPELAND_SCORE(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    COPELAND_SCORE = xlcity_call("COPELAND_SCORE", count, given)
End Function

Function MPI_INDEX(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    MPI_INDEX = xlcity_call("MPI_INDEX", count, given)
End Function

Function MIN_INDEX(Optional a1, Optional a2, Optional a3) As Variant
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
    MIN_INDEX = xlcity_call("MIN_INDEX", count, given)
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

Function BOD_INDEX(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    BOD_INDEX = xlcity_call("BOD_INDEX", count, given)
End Function

Function TOPSIS_SCORE(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    TOPSIS_SCORE = xlcity_call("TOPSIS_SCORE", count, given)
End Function

Function PROMETHEE_FLOW(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    PROMETHEE_FLOW = xlcity_call("PROMETHEE_FLOW", count, given)
End Function

Function INDEX_SCORES(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7, Optional a8) As Variant
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
    INDEX_SCORES = xlcity_call("INDEX_SCORES", count, given)
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

Function CONTRIBUTIONS(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    CONTRIBUTIONS = xlcity_call("CONTRIBUTIONS", count, given)
End Function

Function CRONBACH_ALPHA(Optional a1, Optional a2, Optional a3) As Variant
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
    CRONBACH_ALPHA = xlcity_call("CRONBACH_ALPHA", count, given)
End Function

Function OUTRANKING_MATRIX(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    OUTRANKING_MATRIX = xlcity_call("OUTRANKING_MATRIX", count, given)
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

Function TREND_STATE(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5) As Variant
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
    TREND_STATE = xlcity_call("TREND_STATE", count, given)
End Function

Function GROWTH_RATE(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    GROWTH_RATE = xlcity_call("GROWTH_RATE", count, given)
End Function

Function TIER_LABELS(Optional a1, Optional a2, Optional a3, Optional a4) As Variant
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
    TIER_LABELS = xlcity_call("TIER_LABELS", count, given)
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

Function LATTICE_CHECK(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7) As Variant
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
    LATTICE_CHECK = xlcity_call("LATTICE_CHECK", count, given)
End Function

Function AFFINE_CHECK(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6, Optional a7) As Variant
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
    AFFINE_CHECK = xlcity_call("AFFINE_CHECK", count, given)
End Function

Function WEIGHTS_IMPLIED(Optional a1, Optional a2, Optional a3, Optional a4, Optional a5, Optional a6) As Variant
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
    WEIGHTS_IMPLIED = xlcity_call("WEIGHTS_IMPLIED", count, given)
End Function
