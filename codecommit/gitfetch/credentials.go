package gitfetch

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Credentials returns the user and the password with which git, or another
// library, reaches the repository in the Region for the next 15 minutes. They are
// made of the AWS credentials of cfg and need no call but those that get these. An
// empty region is that of cfg.
//
// The password is a signature of the host and the path of the repository's URL:
// it is good for this URL alone. Percent-encode the user in a URL. [Options.Endpoint]
// says which host it is.
func Credentials(ctx context.Context, cfg aws.Config, region, repository string, optFns ...func(*Options)) (user, password string, err error) {
	if region != "" {
		cfg.Region = region
	}
	o, err := newOptions(optFns)
	if err != nil {
		return "", "", fmt.Errorf("gitfetch: %w", err)
	}
	t, err := newTarget(ctx, cfg, repository, o.Endpoint)
	if err != nil {
		return "", "", fmt.Errorf("gitfetch: credentials for %s: %w", repository, err)
	}
	user, password, err = t.credentials(ctx, o.Now())
	if err != nil {
		return "", "", fmt.Errorf("gitfetch: credentials for %s: %w", repository, err)
	}
	return user, password, nil
}

// credentials returns user and password, signed at the time.
func (t *target) credentials(ctx context.Context, now time.Time) (user, password string, err error) {
	if t.provider == nil {
		return "", "", errors.New("the configuration has no AWS credentials")
	}
	keys, err := t.provider.Retrieve(ctx)
	if err != nil {
		return "", "", fmt.Errorf("AWS credentials: %w", err)
	}
	if !keys.HasKeys() {
		return "", "", errors.New("the AWS credentials of the configuration are empty")
	}
	user = keys.AccessKeyID
	if keys.SessionToken != "" {
		user += "%" + keys.SessionToken
	}
	return user, sign(keys.SecretAccessKey, t.region, t.url.Hostname(), t.url.Path, now), nil
}

// sign returns the password: the time and a signature of version 4 of the host
// and path, in the form that the service has for git alone: the method is GIT,
// the time has no Z, and there is no hash of a body.
func sign(secret, region, host, path string, now time.Time) string {
	stamp := now.UTC().Format("20060102T150405")
	date := stamp[:8]
	request := sha256.Sum256([]byte("GIT\n" + path + "\n\nhost:" + host + "\n\nhost\n"))
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + date + "/" + region + "/codecommit/aws4_request\n" + hex.EncodeToString(request[:])
	key := []byte("AWS4" + secret)
	for _, s := range []string{date, region, "codecommit", "aws4_request", text} {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(s))
		key = h.Sum(nil)
	}
	return stamp + "Z" + hex.EncodeToString(key)
}
