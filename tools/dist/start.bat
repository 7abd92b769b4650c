@echo off
rem Double-click: makes the environment of xlcity from the wheel beside this file, puts a starter on
rem the desktop and opens the companion page on the folder xlcity of your home folder.
rem @TRIED@
chcp 65001 >nul
setlocal
set "ENVIRONMENT=%LOCALAPPDATA%\xlcity\@VERSION@"
set "BOOKS=%USERPROFILE%\xlcity"
set "MADE="
if exist "%ENVIRONMENT%\made-from" set /p MADE=<"%ENVIRONMENT%\made-from"
if "%MADE%"=="@DIGEST@" goto start
set "PYTHON="
py -3 -c "import sys, venv; sys.exit(sys.version_info < (3, 11))" 2>nul && set "PYTHON=py -3"
if not defined PYTHON python -c "import sys, venv; sys.exit(sys.version_info < (3, 11))" 2>nul && set "PYTHON=python"
if not defined PYTHON (
  echo xlcity needs Python 3.11 or newer: https://www.python.org/downloads/
  echo xlcity 需要 Python 3.11 或更新版本。
  pause
  exit /b 1
)
echo Installing xlcity, this takes some minutes … 正在安装 xlcity，需要几分钟……
%PYTHON% -m venv --clear "%ENVIRONMENT%" || goto failed
"%ENVIRONMENT%\Scripts\python.exe" -m pip install --quiet --disable-pip-version-check --constraint "%~dp0@CONSTRAINTS@" "%~dp0@WHEEL@[desk,fast,report]" || goto failed
>"%ENVIRONMENT%\made-from" echo @DIGEST@
:start
if not exist "%BOOKS%" mkdir "%BOOKS%"
"%ENVIRONMENT%\Scripts\python.exe" -P -m xlcity desk --shortcut "%BOOKS%"
rem Where Excel has no functions of xlcity yet, the page offers to install them.
set "FORM="
reg query "HKCR\Excel.Application\CurVer" >nul 2>nul && set "FORM=--form=udf"
findstr /c:xlcity_udfs "%USERPROFILE%\.xlwings\xlwings.conf" >nul 2>nul && set "FORM="
start "" "%ENVIRONMENT%\Scripts\pythonw.exe" -P -m xlcity desk "%BOOKS%" %FORM%
exit /b 0
:failed
echo The installation failed. Check the connection to the internet, then start again.
echo 安装失败。请检查网络连接后重试。
pause
exit /b 1
