echo "starting the web server"
exec httpd -f -v -p 5000 -h /site
