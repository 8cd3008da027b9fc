package githubtest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// installation is a GitHub App that somebody has installed.
type installation struct {
	app       string // its ID
	owner     string // in lower case; "" for all owners
	suspended bool
}

// AddApp adds a GitHub App with its ID, the public part of its key, and an
// installation that may write the statuses and check runs of all repositories.
func (s *Server) AddApp(appID, installationID int64, key *rsa.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strconv.FormatInt(appID, 10)
	s.apps[id] = key
	s.installations[installationID] = &installation{app: id}
}

// AddOwnerApp adds a GitHub App as AddApp does, with an installation for the
// repositories of one owner.
func (s *Server) AddOwnerApp(appID, installationID int64, key *rsa.PublicKey, owner string) {
	s.AddApp(appID, installationID, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.installations[installationID].owner = strings.ToLower(owner)
}

// RemoveInstallation removes an installation and its tokens, as when the owner
// uninstalls the App.
func (s *Server) RemoveInstallation(installationID int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.installations, installationID)
	for token := range s.tokens {
		if strings.HasSuffix(token, fmt.Sprintf("Token%016d", installationID)) {
			delete(s.tokens, token)
		}
	}
}

// Suspend suspends an installation, or ends that. There must be such an
// installation.
func (s *Server) Suspend(installationID int64, suspended bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.installations[installationID]
	if !ok {
		return fmt.Errorf("githubtest: there is no installation %d", installationID)
	}
	in.suspended = suspended
	return nil
}

// SetTokenLife sets for how long installation tokens are good that are made
// from now on. GitHub's are good for an hour.
func (s *Server) SetTokenLife(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokenLife = d
}

// createInstallationToken is POST /app/installations/{id}/access_tokens.
func (s *Server) createInstallationToken(w http.ResponseWriter, r *http.Request, id string) {
	if _, done := s.fault(w, r); done {
		return
	}
	app, problem := s.verifyJWT(r)
	if problem != "" {
		writeError(w, http.StatusUnauthorized, problem)
		return
	}
	var in struct {
		Repositories []string          `json:"repositories"`
		Permissions  map[string]string `json:"permissions"`
	}
	if r.ContentLength > 0 {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			writeError(w, http.StatusBadRequest, "Problems parsing JSON")
			return
		}
	}
	number, err := strconv.ParseInt(id, 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	installed := s.installations[number]
	switch {
	case err != nil || installed == nil || installed.app != app:
		writeError(w, http.StatusNotFound, "Not Found")
		return
	case installed.suspended:
		writeError(w, http.StatusForbidden, "This installation has been suspended")
		return
	}
	permissions := map[string]string{"checks": "write", "statuses": "write", "metadata": "read"}
	for name, level := range in.Permissions {
		if granted, ok := permissions[name]; !ok || level == "write" && granted != "write" {
			writeError(w, http.StatusUnprocessableEntity, "The permissions requested are not granted to this installation.")
			return
		}
	}
	if in.Permissions != nil {
		permissions = in.Permissions
	}
	s.minted++
	token := fmt.Sprintf("ghs_githubtestInstallation%04dToken%016d", s.minted, number)
	expires := time.Now().Add(s.tokenLife)
	appID, _ := strconv.ParseInt(app, 10, 64) // AddApp made it
	a := &access{
		expires: expires, owner: installed.owner, app: appID,
		readOnly: permissions["statuses"] != "write", noChecks: permissions["checks"] != "write",
	}
	for _, name := range in.Repositories { // without owners
		for key := range s.repositories {
			if _, repo, _ := strings.Cut(key, "/"); repo == strings.ToLower(name) {
				a.repositories = append(a.repositories, key)
			}
		}
	}
	s.tokens[token] = a
	selection := "all"
	if len(in.Repositories) > 0 {
		selection = "selected"
	}
	writeJSON(w, http.StatusCreated, map[string]any{"token": token, "expires_at": expires.UTC().Format(time.RFC3339),
		"permissions": permissions, "repository_selection": selection})
}

// getInstallation is GET /repos/{owner}/{repo}/installation and GET
// /app/installations/{id}.
func (s *Server) getInstallation(w http.ResponseWriter, r *http.Request, elements []string) {
	if _, done := s.fault(w, r); done {
		return
	}
	app, problem := s.verifyJWT(r)
	if problem != "" {
		writeError(w, http.StatusUnauthorized, problem)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []int64
	for id, of := range s.installations {
		covers := elements[0] == "repos" && (of.owner == "" || of.owner == strings.ToLower(elements[1]))
		if of.app == app && (covers || elements[0] != "repos" && elements[2] == strconv.FormatInt(id, 10)) {
			ids = append(ids, id)
		}
	}
	known := elements[0] != "repos" || s.repositories[strings.ToLower(elements[1]+"/"+elements[2])] != nil
	if len(ids) == 0 || !known {
		writeError(w, http.StatusNotFound, "Not Found")
		return
	}
	slices.Sort(ids)
	appID, _ := strconv.ParseInt(app, 10, 64) // AddApp made it
	writeJSON(w, http.StatusOK, map[string]any{"id": ids[0], "app_id": appID})
}

// verifyJWT returns the ID of the app whose key has signed the request's token,
// or GitHub's message about a token that is not valid.
func (s *Server) verifyJWT(r *http.Request) (app, problem string) {
	const undecodable = "A JSON web token could not be decoded"
	token, _ := bearer(r)
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", undecodable
	}
	var header struct{ Alg string }
	var claims struct {
		Issuer  any   `json:"iss"`
		Issued  int64 `json:"iat"`
		Expires int64 `json:"exp"`
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decodePart(parts[0], &header) != nil || decodePart(parts[1], &claims) != nil || header.Alg != "RS256" {
		return "", undecodable
	}
	switch issuer := claims.Issuer.(type) {
	case string:
		app = issuer
	case float64:
		app = strconv.FormatInt(int64(issuer), 10)
	}
	s.mu.Lock()
	key := s.apps[app]
	s.mu.Unlock()
	if key == nil {
		return "", "Integration not found"
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return "", undecodable
	}
	now := time.Now().Unix()
	switch {
	case claims.Issued > now:
		return "", "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
	case claims.Expires <= now:
		return "", "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
	case claims.Expires > now+10*60:
		return "", "'Expiration time' claim ('exp') is too far in the future"
	}
	return app, ""
}

func decodePart(part string, v any) error {
	data, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}
