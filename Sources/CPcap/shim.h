#ifndef WIREPROOF_CPCAP_SHIM_H
#define WIREPROOF_CPCAP_SHIM_H

#include <pcap/pcap.h>

#endif
