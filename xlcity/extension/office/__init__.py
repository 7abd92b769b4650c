"""What runs inside LibreOffice: packed into the extension, imported by nothing here."""
