package githubstatus

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/codesuite-go/codesuite/internal/keylock"
)

const (
	// jwtLife and jwtSkew keep a JSON web token within the ten minutes that
	// GitHub allows, also if the clocks differ by half a minute.
	jwtLife = 9 * time.Minute
	jwtSkew = 30 * time.Second
	// tokenMargin is how long before its end a token is renewed.
	tokenMargin = 5 * time.Minute
	// maxInstallations is how many installations an App keeps in memory.
	maxInstallations = 1000
)

// AppOptions configure an [App]. The zero value holds the defaults.
type AppOptions struct {
	// Installation is the ID of the one installation to act as. By default the
	// installation is looked up by the repository, so that the App works for all
	// organizations and users that have installed it.
	Installation int64
}

// App authenticates as a GitHub App with this ID. key returns its private key in
// PEM, for instance from Secrets Manager. The client asks for the key when it
// first needs it, and again after GitHub has refused it (401), as the key may
// have been replaced.
//
// The client makes an installation token for each owner and renews it before it
// expires. A token that cannot be had is an [*Error] with GitHub's status and
// message: [ErrUnauthorized] for a wrong ID or key, [ErrForbidden] for a suspended
// installation, [ErrNotFound] for an App that is not installed on the repository.
func App(id int64, key func(context.Context) (string, error), optFns ...func(*AppOptions)) Auth {
	a := appAuth{id: id, key: key}
	for _, fn := range optFns {
		fn(&a.options)
	}
	return a
}

type appAuth struct {
	id      int64
	key     func(context.Context) (string, error)
	options AppOptions
}

func (a appAuth) authorizer(c *Client) (authorizer, error) {
	switch {
	case a.id <= 0:
		return nil, fmt.Errorf("%d is not the ID of a GitHub App", a.id)
	case a.key == nil:
		return nil, fmt.Errorf("the function for the key of GitHub App %d is nil", a.id)
	case a.options.Installation < 0:
		return nil, fmt.Errorf("AppOptions.Installation is %d, which is no ID", a.options.Installation)
	}
	return &appAuthorizer{appAuth: a, client: c, installations: map[string]*installation{}}, nil
}

// appAuthorizer holds the tokens of an App on one host.
type appAuthorizer struct {
	appAuth
	client *Client
	locks  keylock.Locks // by owner

	mu            sync.Mutex
	signer        func() *rsa.PrivateKey   // a function, so that printing does not show the key
	installations map[string]*installation // by owner
}

// installation is an installation of the App. Only the holder of the owner's lock
// uses it.
type installation struct {
	id    int64
	token secret
	until time.Time // when to renew the token
}

// owner is the key of the installation for the commit's repository.
func (a *appAuthorizer) owner(commit Commit) string {
	if a.options.Installation != 0 {
		return ""
	}
	return strings.ToLower(commit.Owner)
}

func (a *appAuthorizer) credential(ctx context.Context, commit Commit) (credential, error) {
	owner := a.owner(commit)
	unlock, err := a.locks.Lock(ctx, owner)
	if err != nil {
		return credential{}, err
	}
	defer unlock()
	in := a.installation(owner)
	if in.token == nil || !wallTime().Before(in.until) {
		if err := a.renew(ctx, in, commit); err != nil {
			return credential{}, err
		}
	}
	return credential{token: in.token, limit: "installation " + strconv.FormatInt(in.id, 10), app: a.id}, nil
}

func (a *appAuthorizer) refused(commit Commit, cred credential) bool {
	owner := a.owner(commit)
	unlock, err := a.locks.Lock(context.Background(), owner)
	if err != nil {
		return false
	}
	defer unlock()
	if in := a.installation(owner); in.token.equal(cred.token) {
		in.token = nil
	}
	return true
}

func (a *appAuthorizer) installation(owner string) *installation {
	a.mu.Lock()
	defer a.mu.Unlock()
	in := a.installations[owner]
	if in == nil {
		if len(a.installations) >= maxInstallations {
			clear(a.installations)
		}
		in = &installation{id: a.options.Installation}
		a.installations[owner] = in
	}
	return in
}

// renew makes a token. An installation that is gone may have another ID now.
func (a *appAuthorizer) renew(ctx context.Context, in *installation, commit Commit) error {
	known := in.id != 0
	if !known {
		if err := a.find(ctx, in, commit); err != nil {
			return err
		}
	}
	err := a.mint(ctx, in, commit)
	if err != nil && known && a.options.Installation == 0 && err.StatusCode == http.StatusNotFound {
		if err := a.find(ctx, in, commit); err != nil {
			return err
		}
		err = a.mint(ctx, in, commit)
	}
	if err != nil {
		return err
	}
	return nil
}

// find looks the installation up by the repository.
func (a *appAuthorizer) find(ctx context.Context, in *installation, commit Commit) error {
	in.id, in.token = 0, nil
	body, err := a.call(ctx, request{
		step: fmt.Sprintf("find the installation of GitHub App %d", a.id), commit: commit,
		method: http.MethodGet, path: repoPath(commit) + "/installation", want: http.StatusOK,
	})
	if err != nil {
		return err
	}
	var reply struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || reply.ID <= 0 {
		return errors.New("GitHub's reply has no ID of the App's installation: is BaseURL that of the REST API?")
	}
	in.id = reply.ID
	return nil
}

// mint makes an installation token.
func (a *appAuthorizer) mint(ctx context.Context, in *installation, commit Commit) *Error {
	body, err := a.call(ctx, request{
		step: fmt.Sprintf("get a token of GitHub App %d", a.id), commit: commit,
		method: http.MethodPost, path: "/app/installations/" + url.PathEscape(strconv.FormatInt(in.id, 10)) + "/access_tokens",
		want: http.StatusCreated, reply: true,
	})
	if err != nil {
		return err
	}
	var reply struct {
		Token   string    `json:"token"`
		Expires time.Time `json:"expires_at"`
	}
	if json.Unmarshal(body, &reply) != nil { // its error may show a part
		return &Error{Err: errors.New("GitHub's reply has no token: is BaseURL that of the REST API?")}
	}
	token, tokenErr := checkToken(reply.Token)
	if tokenErr != nil {
		return &Error{Err: tokenErr}
	}
	in.token, in.until = newSecret(token), reply.Expires.Add(-tokenMargin)
	return nil
}

// call makes a call as the App itself. If GitHub refuses the key, the call is made
// once more with the present one.
func (a *appAuthorizer) call(ctx context.Context, r request) ([]byte, *Error) {
	for {
		signer, used, err := a.privateKey(ctx)
		if err != nil {
			return nil, &Error{step: r.step, Err: err}
		}
		jwt, err := a.jwt(signer)
		if err != nil {
			return nil, &Error{step: r.step, Err: err}
		}
		body, failure := a.client.exchange(ctx, r, credential{token: newSecret(jwt), limit: "app " + strconv.FormatInt(a.id, 10)})
		if failure == nil {
			return body, nil
		}
		failure.step = r.step
		if failure.StatusCode != http.StatusUnauthorized {
			return nil, failure
		}
		a.mu.Lock()
		a.signer = nil
		a.mu.Unlock()
		if !used {
			return nil, failure
		}
	}
}

// privateKey returns the key, and whether it was used before.
func (a *appAuthorizer) privateKey(ctx context.Context) (key *rsa.PrivateKey, used bool, err error) {
	a.mu.Lock()
	signer := a.signer
	a.mu.Unlock()
	if signer != nil {
		return signer(), true, nil
	}
	text, err := a.key(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("get the private key of GitHub App %d: %w", a.id, err)
	}
	if key, err = parseKey(text); err != nil {
		return nil, false, fmt.Errorf("the private key of GitHub App %d: %w", a.id, err)
	}
	a.mu.Lock()
	a.signer = func() *rsa.PrivateKey { return key }
	a.mu.Unlock()
	return key, false, nil
}

// parseKey parses an RSA key in PEM. Its errors show nothing of the text.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil {
		return nil, errors.New("it is not in PEM: store the file that GitHub offered for download, with its line breaks")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if rsaKey, ok := key.(*rsa.PrivateKey); err == nil && ok {
		return rsaKey, nil
	}
	return nil, errors.New("it is no RSA private key")
}

// jwt returns a JSON web token of the App.
func (a *appAuthorizer) jwt(key *rsa.PrivateKey) (string, error) {
	now := wallTime()
	claims, err := json.Marshal(map[string]any{
		"iat": now.Add(-2 * jwtSkew).Unix(), "exp": now.Add(jwtLife - jwtSkew).Unix(), "iss": strconv.FormatInt(a.id, 10),
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", errors.New("the private key cannot sign")
	}
	return text + "." + encode(signature), nil
}
