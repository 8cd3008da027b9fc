package codecommittest

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// signatureLife is how long a signature of Git's protocol is good.
const signatureLife = 15 * time.Minute

// secretKey is the secret access key of all credentials of [Server.Config].
const secretKey = "test"

// checkSignature checks user and password of a request for the repository: an
// access key, with a session token behind a percent sign, and a signature of host
// and path.
func checkSignature(user, password string, r *http.Request, repository string, now time.Time) error {
	if key, _, _ := strings.Cut(user, "%"); key == "" {
		return errors.New("the user is no access key")
	}
	stamp, signature, ok := strings.Cut(password, "Z")
	signed, err := time.Parse("20060102T150405", stamp)
	if !ok || err != nil {
		return errors.New("the password is no signature")
	}
	if age := now.Sub(signed); age > signatureLife || age < -signatureLife {
		return errors.New("the signature has expired")
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if !hmac.Equal([]byte(signature), []byte(gitSignature(stamp, host, repository))) {
		return errors.New("the signature does not match")
	}
	return nil
}

// gitSignature computes the signature, in its steps.
func gitSignature(stamp, host, repository string) string {
	canonical := fmt.Sprintf("GIT\n/v1/repos/%s\n\nhost:%s\n\nhost\n", repository, host)
	day := stamp[:len("20060102")]
	scope := day + "/" + awsjson.Region + "/codecommit/aws4_request"
	toSign := fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s\n%x", stamp, scope, sha256.Sum256([]byte(canonical)))
	mac := func(key []byte, data string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(data))
		return h.Sum(nil)
	}
	ofDay := mac([]byte("AWS4"+secretKey), day)
	ofService := mac(mac(ofDay, awsjson.Region), "codecommit")
	return fmt.Sprintf("%x", mac(mac(ofService, "aws4_request"), toSign))
}
