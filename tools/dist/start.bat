@echo off
rem Double-click: brings a Python of its own (none need be installed, and no administrator), installs
rem xlcity into it from the wheel beside this file, puts a starter on the desktop and opens the
rem companion page on the folder xlcity of your home folder. The Python is that of python.org; it is
rem taken from the folder of this file if it is there, else downloaded, and its SHA-256 compared.
rem @TRIED@
chcp 65001 >nul
setlocal
pushd "%~dp0"
set "ENVIRONMENT=%LOCALAPPDATA%\xlcity\@VERSION@"
set "BOOKS=%USERPROFILE%\xlcity"
set "ARCHIVE=@PYTHON@"
set "MADE="
if exist "%ENVIRONMENT%\made-from" set /p MADE=<"%ENVIRONMENT%\made-from"
if "%MADE%"=="@DIGEST@" goto start
echo Installing xlcity, this takes some minutes. 正在安装 xlcity，需要几分钟。
echo [1/3] Python
rem What an earlier version or an earlier try has left goes first.
if exist "%ENVIRONMENT%" rmdir /s /q "%ENVIRONMENT%"
if exist "%ENVIRONMENT%\python.exe" goto in_use
mkdir "%ENVIRONMENT%" || goto no_folder
set "ZIP=%ARCHIVE%"
if exist "%ZIP%" goto compare
set "ZIP=%ENVIRONMENT%\%ARCHIVE%"
call :download https://www.python.org/ftp/python/@RELEASE@/ || call :download https://mirrors.huaweicloud.com/python/@RELEASE@/ || goto no_python
:compare
certutil -hashfile "%ZIP%" SHA256 | findstr /i /x "@PYTHONDIGEST@" >nul || goto wrong_python
tar -xf "%ZIP%" -C "%ENVIRONMENT%" 2>nul || powershell -NoProfile -Command "Add-Type -AssemblyName System.IO.Compression.FileSystem; [IO.Compression.ZipFile]::ExtractToDirectory($env:ZIP, $env:ENVIRONMENT)" || goto failed
if exist "%ENVIRONMENT%\%ARCHIVE%" del "%ENVIRONMENT%\%ARCHIVE%"
rem As it comes, this Python reads no installed packages.
>"%ENVIRONMENT%\@LIBRARY@._pth" echo @LIBRARY@.zip
>>"%ENVIRONMENT%\@LIBRARY@._pth" echo .
>>"%ENVIRONMENT%\@LIBRARY@._pth" echo Lib\site-packages
>>"%ENVIRONMENT%\@LIBRARY@._pth" echo import site
"%ENVIRONMENT%\python.exe" -c "import site" || goto blocked
echo [2/3] xlcity
set "FROM="
if exist wheels set "FROM=--no-index -f wheels"
"%ENVIRONMENT%\python.exe" "@PIP@/pip" install --disable-pip-version-check --no-warn-script-location --only-binary :all: %FROM% --constraint "@CONSTRAINTS@" ".\@WHEEL@[@EXTRAS@]" || goto failed
>"%ENVIRONMENT%\made-from" echo @DIGEST@
echo [3/3] The page opens in the browser. 页面将在浏览器中打开。
:start
if not exist "%BOOKS%" mkdir "%BOOKS%"
"%ENVIRONMENT%\python.exe" -P -m xlcity desk --shortcut "%BOOKS%"
rem Where Excel has no functions of xlcity yet, the page offers to install them.
set "FORM="
reg query "HKCR\Excel.Application\CurVer" >nul 2>nul && set "FORM=--form=udf"
findstr /c:xlcity_udfs "%USERPROFILE%\.xlwings\xlwings.conf" >nul 2>nul && set "FORM="
start "" "%ENVIRONMENT%\pythonw.exe" -P -m xlcity desk "%BOOKS%" %FORM%
exit /b 0

:download
curl --fail --location --progress-bar --output "%ZIP%" "%~1%ARCHIVE%" && exit /b 0
rem By the proxy that Windows is set to, and with the name that the user has there.
powershell -NoProfile -Command "$client = New-Object Net.WebClient; $client.Proxy.Credentials = [Net.CredentialCache]::DefaultCredentials; [Net.ServicePointManager]::SecurityProtocol = 'Tls12'; $client.DownloadFile('%~1%ARCHIVE%', $env:ZIP)"
exit /b %ERRORLEVEL%

:in_use
echo xlcity is running. Close its page and its programs, wait half a minute, then start again.
echo xlcity 正在运行。请关闭其页面和程序，等半分钟后重新启动。
goto stop
:no_folder
echo Nothing can be written in "%LOCALAPPDATA%". Ask whoever looks after this computer.
echo 无法写入 "%LOCALAPPDATA%"，请联系电脑管理员。
goto stop
:no_python
echo Python could not be downloaded. Check the connection, or put %ARCHIVE% of python.org beside this file, then start again.
echo 无法下载 Python。请检查网络连接，或从 python.org 下载 %ARCHIVE% 放在本文件旁，然后重新启动。
goto stop
:wrong_python
echo "%ZIP%" is not the file that python.org publishes. Delete it, then start again.
echo "%ZIP%" 与 python.org 公布的文件不符。请删除后重新启动。
goto stop
:blocked
echo Windows does not start programs in "%ENVIRONMENT%". Ask whoever looks after this computer to allow it. Templates work without xlcity.
echo Windows 不允许运行 "%ENVIRONMENT%" 中的程序，请电脑管理员放行。模板不装 xlcity 也能使用。
goto stop
:failed
echo The installation failed. Read the lines above, check the connection to the internet, then start again.
echo 安装失败。请看上面几行，检查网络连接后重新启动。
:stop
pause
exit /b 1
