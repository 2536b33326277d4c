module example.org/wsclient

go 1.19
