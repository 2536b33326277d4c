module example.org/standin

go 1.19
