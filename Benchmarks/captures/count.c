// The floor that every reader of captures with libpcap stands on: reads each packet, looks at none.
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv) {
  char error[PCAP_ERRBUF_SIZE];
  pcap_t *file = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
  if (!file) return 2;
  struct pcap_pkthdr *header;
  const u_char *bytes;
  unsigned long long packets = 0, length = 0;
  while (pcap_next_ex(file, &header, &bytes) == 1) {
    packets++;
    length += header->caplen;
  }
  printf("%llu packets, %llu bytes\n", packets, length);
}
