# What is the same for every server. The Makefile says how it is built, and by which command, a port behind it, it serves.
PORT ?= 8003
WIREPROOF ?= wireproof

.PHONY: run probe

run: build ## Serves ws://127.0.0.1:PORT/join.
	exec $(SERVER) $(PORT)

probe: build ## Probes the server on a free port, and makes report.html of it; fails when a probe does.
	$(WIREPROOF) probe server ws://127.0.0.1:0/join --profile conformance.yaml $(PROBE_OPTIONS) \
	  --results results.ndjson --artifacts evidence -- $(SERVER) {port}; status=$$?; \
	  $(WIREPROOF) report results.ndjson --format html --artifacts evidence --output report.html; exit $$status
