/// Files that people take for captures that can be read, by their first four bytes, and what to do with them.
enum ForeignFormat {
  /// Why a file that begins so cannot be read.
  static func reason(for magic: UInt32) -> String {
    switch magic {
    case 0x28B5_2FFD: return compressed("zstd", "install the system's libzstd.so.1, or run zstd -dc FILE")
    case 0x0422_4D18: return compressed("lz4", "install the system's liblz4.so.1, or run lz4 -dc FILE")
    case 0x0221_4C18: return compressed("lz4 in its legacy format", "run lz4 -dc FILE")
    case 0xFD37_7A58: return compressed("xz", "run xz -dc FILE")
    case 0x4C5A_4950: return compressed("lzip", "run lzip -dc FILE")
    case 0xFF06_0000: return compressed("snappy", "run snzip -dc FILE")
    case 0x504B_0304: return compressed("zip", "run unzip -p FILE")
    case 0x377A_BCAF: return compressed("7-Zip", "run 7z x -so FILE")
    case 0x736E_6F6F: return other("snoop")
    case 0x6274_736E: return other("btsnoop")
    case 0x6970_7472: return other("iptrace")
    case 0x474D_4255, 0x5254_5353: return other("Network Monitor")
    case 0x5452_534E, 0x5843_5000: return other("Sniffer")
    default: break
    }
    switch magic >> 16 {
    case 0x425A where magic >> 8 & 0xFF == 0x68: return compressed("bzip2", "run bzip2 -dc FILE")
    // Within gzip, which is undone once.
    case 0x1F8B: return compressed("gzip twice", "run gzip -dc FILE")
    case 0x7801, 0x785E, 0x789C, 0x78DA: return compressed("zlib", "run pigz -dc FILE")
    case 0x1F9D: return compressed("compress", "run zcat FILE")
    default: break
    }
    return "not a capture file: it begins with \(hexadecimal(magic)), which is neither pcap, pcapng nor gzip"
  }

  private static func compressed(_ name: String, _ advice: String) -> String {
    "compressed with \(name): \(advice) | wireproof inspect -"
  }

  private static func other(_ name: String) -> String {
    "a capture in the format of \(name): convert it with editcap -F pcapng FILE OUTPUT"
  }
}
