package githubtest_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// sign makes a JSON web token.
func sign(t *testing.T, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	data, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(data)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestInstallationToken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddRepository("octo/other")
	key, otherKey := newKey(t), newKey(t)
	s.AddApp(17, 42, &key.PublicKey)
	now := time.Now().Unix()
	claims := func(change map[string]any) map[string]any {
		c := map[string]any{"iss": "17", "iat": now - 60, "exp": now + 540}
		for name, value := range change {
			c[name] = value
		}
		return c
	}
	good := sign(t, key, claims(nil))
	mint := func(jwt, installation, body string) answer {
		t.Helper()
		return send(t, "POST", s.EnterpriseURL()+"/app/installations/"+installation+"/access_tokens", body, "Authorization", "Bearer "+jwt)
	}
	for _, tt := range []struct {
		name, jwt, installation, body string
		status                        int
	}{
		{"good", good, "42", "", 201},
		{"issuer is a number", sign(t, key, claims(map[string]any{"iss": 17})), "42", "", 201},
		{"permissions", good, "42", `{"permissions":{"statuses":"write"}}`, 201},
		{"other permissions", good, "42", `{"permissions":{"contents":"write"}}`, 422},
		{"other installation", good, "43", "", 404},
		{"wrong key", sign(t, otherKey, claims(nil)), "42", "", 401},
		{"other app", sign(t, key, claims(map[string]any{"iss": "18"})), "42", "", 401},
		{"expired", sign(t, key, claims(map[string]any{"exp": now - 1})), "42", "", 401},
		{"too long", sign(t, key, claims(map[string]any{"exp": now + 3600})), "42", "", 401},
		{"from the future", sign(t, key, claims(map[string]any{"iat": now + 300})), "42", "", 401},
		{"changed", strings.Replace(good, ".", ".e", 1), "42", "", 401},
		{"no JWT", "x", "42", "", 401},
	} {
		if a := mint(tt.jwt, tt.installation, tt.body); a.status != tt.status {
			t.Errorf("%s: %d %s, want %d", tt.name, a.status, a.body, tt.status)
		}
	}

	use := func(token, repository string) int {
		t.Helper()
		return send(t, "POST", s.URL()+"/repos/octo/"+repository+"/statuses/"+sha, `{"state":"success"}`, "Authorization", "token "+token).status
	}
	var minted struct {
		Token   string
		Expires time.Time `json:"expires_at"`
	}
	mint(good, "42", `{"repositories":["hello"]}`).decode(t, &minted)
	if left := time.Until(minted.Expires); left < 59*time.Minute || left > time.Hour {
		t.Errorf("the token is good for %v, want an hour", left)
	}
	if got := use(minted.Token, "hello"); got != 201 {
		t.Errorf("%d, want 201", got)
	}
	if got := use(minted.Token, "other"); got != 404 {
		t.Errorf("%d for a repository that the token is not for, want 404", got)
	}
	s.SetTokenLife(-time.Second)
	mint(good, "42", "").decode(t, &minted)
	if got := use(minted.Token, "hello"); got != 401 {
		t.Errorf("%d with an expired token, want 401", got)
	}
	if a := send(t, "GET", s.URL()+"/repos/octo/hello/installation", "", "Authorization", "Bearer "+good); a.status != 200 || !strings.Contains(a.body, `"id":42`) {
		t.Errorf("installation: %d %s", a.status, a.body)
	}
}
