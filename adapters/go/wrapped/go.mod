module example.org/wrapped

go 1.19
