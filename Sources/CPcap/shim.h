#ifndef WIREPROOF_CPCAP_SHIM_H
#define WIREPROOF_CPCAP_SHIM_H

// Types and constants only: the functions are looked up in the library when they are needed (PcapLibrary).
#include <pcap/pcap.h>

#endif
