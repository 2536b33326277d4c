import jakarta.servlet.http.*;
import jakarta.websocket.*;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.server.*;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;

/**
 * A server of the goutils/ws protocol over jakarta.websocket (embedded Tomcat): one frame a binary message, calls both ways, a
 * hub. serve has the handlers, those of the application that wireproof probes: put yours beside them, and take the rest along.
 */
public class Server extends HttpServlet {
  static final short MAGIC = (short) 0xEFFE; // FE EF on the wire; magic 2, length 4, protocolId 4, sn 4, all little-endian
  static final int HEADER = 14, MAX_LENGTH = 512 << 10; // of the field length, which counts all behind itself
  static final int DISPLACEMENT = 0x7FFFFFFF; // the protocolId that tells a client of its displacement
  static final Map<String, Peer> HUB = new HashMap<>(); // one connection an identity, the newest
  static final ScheduledExecutorService TIMER = Executors.newScheduledThreadPool(2);
  static final ExecutorService WORK = Executors.newCachedThreadPool();

  static class Peer extends Endpoint {
    final String identity, address;
    final Map<Integer, Consumer<byte[]>> pending = new ConcurrentHashMap<>(); // calls by sn
    Session session;
    ScheduledFuture<?> pings;
    int sn = 1;
    boolean isClosing;

    Peer(String identity, String address) {
      this.identity = identity;
      this.address = address;
    }

    @Override public void onOpen(Session session, EndpointConfig config) {
      this.session = session;
      session.setMaxBinaryMessageBufferSize(6 + MAX_LENGTH);
      session.setMaxIdleTimeout(60_000);
      session.addMessageHandler(byte[].class, this::receive);
      session.addMessageHandler(String.class, text -> close(CloseCodes.CANNOT_ACCEPT));
      pings = TIMER.scheduleAtFixedRate(() -> WORK.execute(this::ping), 24, 24, TimeUnit.SECONDS);
      Peer old;
      synchronized (HUB) { old = HUB.put(identity, this); }
      if (old != null) WORK.execute(() -> old.displace(address)); // the newcomer does not wait for it
    }

    @Override public void onClose(Session session, CloseReason reason) {
      pings.cancel(false);
      synchronized (HUB) { HUB.remove(identity, this); }
    }

    @Override public void onError(Session session, Throwable error) {} // what breaks RFC 6455 was closed with 1002, 1007 or 1009

    /** Writes a frame: one-way with sn 0, an answer with the sn of its request, a call with a number of our own. */
    synchronized void send(int id, int sn, byte[] payload) {
      if (isClosing) return;
      var frame = ByteBuffer.allocate(HEADER + payload.length).order(ByteOrder.LITTLE_ENDIAN);
      frame.putShort(MAGIC).putInt(8 + payload.length).putInt(id).putInt(sn).put(payload).flip();
      try { session.getBasicRemote().sendBinary(frame); } catch (IOException | IllegalStateException left) { isClosing = true; }
    }

    /** Sends a request; done gets the payload of the answer, if one comes. A server's numbers are odd, from 3 on. */
    synchronized void call(int id, byte[] payload, Consumer<byte[]> done) {
      do sn = sn == -1 ? 3 : sn + 2; while (pending.putIfAbsent(sn, done) != null);
      send(id, sn, payload);
    }

    synchronized void ping() {
      try { if (!isClosing) session.getBasicRemote().sendPing(ByteBuffer.allocate(0)); } catch (IOException | IllegalStateException left) {}
    }

    synchronized void close(CloseReason.CloseCode code) {
      isClosing = true;
      try { session.close(new CloseReason(code, "")); } catch (IOException left) {}
    }

    /** What the application does on a protocolId. Unknown ones are ignored. */
    void serve(int id, int sn, byte[] payload) {
      switch (id) {
        case 2 -> send(3, sn, payload); // echo: of a call as its answer, else one-way
        case 4 -> TIMER.schedule(() -> send(5, sn, payload), 2, TimeUnit.SECONDS); // the same, slowly
        case 6 -> call(7, payload, answer -> send(8, 0, answer)); // a call of the server, which reports the answer
        case 10 -> { for (int each = 0; each < 100; each++) send(11, 0, Integer.toString(each).getBytes()); } // a burst
        case 12 -> send(9, 0, "pulled".getBytes()); // a signal to fetch what is new
        default -> {}
      }
    }

    /** Handles a message. An answer is known by its number alone. */
    void receive(byte[] message) {
      var frame = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
      if (message.length < HEADER || frame.getShort() != MAGIC || frame.getInt() != message.length - 6) {
        close(CloseCodes.PROTOCOL_ERROR);
        return;
      }
      int id = frame.getInt(), sn = frame.getInt();
      byte[] payload = Arrays.copyOfRange(message, HEADER, message.length);
      var done = pending.remove(sn);
      if (done != null) done.accept(payload);
      serve(id, sn, payload);
    }

    /** P_DISPLACE {old_ip = 1, new_ip = 2, ts = 3}, the last frame, then the close frame. */
    synchronized void displace(String newcomer) {
      var text = new StringBuilder("\n" + (char) address.length() + address + "\u0012" + (char) newcomer.length() + newcomer + "\u0018");
      long time = System.currentTimeMillis() * 1_000_000;
      for (; time > 127; time >>= 7) text.append((char) (time & 127 | 128));
      send(DISPLACEMENT, 0, text.append((char) time).toString().getBytes(StandardCharsets.ISO_8859_1));
      close(CloseCodes.NORMAL_CLOSURE);
    }
  }

  /** uid-typed-deviceId-source. The first of each name counts; values need not be UTF-8: each byte is a character here. */
  static String identity(String query) {
    var values = new HashMap<String, String>();
    for (String pair : (query == null ? "" : query).split("&")) {
      if (pair.matches(".*(;|%(?!\\p{XDigit}{2})).*")) continue; // it is as if it was not there
      String[] parts = Arrays.stream(pair.split("=", 2)).map(part -> java.net.URLDecoder.decode(part, StandardCharsets.ISO_8859_1)).toArray(String[]::new);
      values.putIfAbsent(parts[0], parts.length > 1 ? parts[1] : "");
    }
    String typed = values.getOrDefault("typed", "");
    return values.getOrDefault("uid", "") + "-" + (typed.matches("[+-]?\\d{1,18}") ? Long.parseLong(typed) : 0) + "-"
        + values.getOrDefault("deviceId", "") + "-" + values.getOrDefault("source", "");
  }

  static final String TOKEN = "[\\w!#$%&'*+.^`|~-]+", OFFER = TOKEN + "(\\s*;\\s*" + TOKEN + "(\\s*=\\s*(" + TOKEN + "|\"" + TOKEN + "\"))?)*+";
  static final Pattern EXTENSIONS = Pattern.compile("[\\s,]*(" + OFFER + "\\s*(,[\\s,]*" + OFFER + "\\s*)*+[\\s,]*)?");

  /** Upgrades, unless the request is one that Tomcat takes and RFC 6455 (sections 4.2.1 and 9.1) does not. */
  @Override protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String upgrades = String.join(",", Collections.list(request.getHeaders("Upgrade"))).toLowerCase();
    String offers = String.join(",", Collections.list(request.getHeaders("Sec-WebSocket-Extensions")));
    if (!List.of(upgrades.split("[\\s,]+")).contains("websocket") || !EXTENSIONS.matcher(offers).matches()) {
      response.sendError(400);
      return;
    }
    var container = (ServerContainer) getServletContext().getAttribute(ServerContainer.class.getName());
    var peer = new Peer(identity(request.getQueryString()), request.getRemoteAddr() + ":" + request.getRemotePort());
    var configurator = new ServerEndpointConfig.Configurator() {
      @Override public <T> T getEndpointInstance(Class<T> type) { return type.cast(peer); }
      @Override public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) { return List.of(); }
    };
    var config = ServerEndpointConfig.Builder.create(Peer.class, "/join").configurator(configurator).build();
    try {
      container.upgradeHttpToWebSocket(request, response, config, Map.of());
    } catch (jakarta.websocket.DeploymentException wrong) {
      response.sendError(400);
    }
  }

  public static void main(String[] words) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("allowHostHeaderMismatch", "true"); // RFC 9112 section 3.2.2: the target counts
    tomcat.getConnector().setPort(words.length > 0 ? Integer.parseInt(words[0]) : 8003);
    var context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), Set.of());
    Tomcat.addServlet(context, "join", new Server()).addMapping("/join");
    tomcat.start();
    tomcat.getServer().await();
  }
}
