// Package tlsproxy lets the program under test reach servers of a test as the hosts of
// the internet: through a proxy, and with TLS.
package tlsproxy

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// Start starts a proxy to TLS servers with these names, and returns its
// URL and the CA of the servers, PEM in base64. They end with the test.
func Start(t testing.TB, hosts map[string]http.Handler) (url, ca string) {
	t.Helper()
	names := make([]string, 0, len(hosts))
	for name := range hosts {
		names = append(names, name)
	}
	certificate, ca := Certificate(t, names)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler, ok := hosts[r.Host]; ok {
			handler.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	backend := server.Listener.Addr().String()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, port, err := net.SplitHostPort(r.Host)
		if r.Method != http.MethodConnect || err != nil || port != "443" || hosts[host] == nil {
			t.Errorf("unexpected call of %s %s", r.Method, r.Host)
			http.Error(w, "there is no such host", http.StatusBadGateway)
			return
		}
		tunnel(w, backend)
	}))
	t.Cleanup(proxy.Close)
	return proxy.URL, ca
}

// tunnel connects the client of a CONNECT with the backend.
func tunnel(w http.ResponseWriter, backend string) {
	server, err := net.Dial("tcp", backend)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer server.Close()
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer client.Close()
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(server, client)
		server.Close()
	}()
	_, _ = io.Copy(client, server)
}

// Certificate returns a certificate for the names, and its CA, PEM in base64.
func Certificate(t testing.TB, names []string) (certificate tls.Certificate, ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: names, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, base64.StdEncoding.EncodeToString(text.Bytes())
}
