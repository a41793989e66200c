import { isServerAddress } from "../../../lib/model/wire/host-port";

describe("the address of a server that is dialled by number", () => {
  test.each(["8.8.8.8", "8.8.8.8:53", "127.0.0.1:40001", "2001:4860:4860::8888", "[2001:4860:4860::8888]:53"])(
    "may be %s",
    (text) => {
      expect(isServerAddress(text)).toBe(true);
    },
  );

  test.each(["dns.example.org", "dns.example.org:53", "8.8.8.8:", "8.8.8.8:0", "8.8.8.8:70000", "8.8.8.8:dns", ""])(
    "may not be %p",
    (text) => {
      expect(isServerAddress(text)).toBe(false);
    },
  );
});
