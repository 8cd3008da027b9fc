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

// AddApp adds a GitHub App with its ID, the public part of its key, and an
// installation that may write the statuses of all repositories.
func (s *Server) AddApp(appID, installationID int64, key *rsa.PublicKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := strconv.FormatInt(appID, 10)
	s.apps[id] = key
	s.installations[installationID] = id
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
	if err != nil || s.installations[number] != app {
		writeError(w, http.StatusNotFound, "Not Found")
		return
	}
	permissions := map[string]string{"statuses": "write", "metadata": "read"}
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
	a := &access{expires: expires, readOnly: permissions["statuses"] != "write"}
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
	app, problem := s.verifyJWT(r)
	if problem != "" {
		writeError(w, http.StatusUnauthorized, problem)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []int64
	for id, of := range s.installations {
		if of == app && (elements[0] == "repos" || elements[2] == strconv.FormatInt(id, 10)) {
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
// or GitHub's message about what is wrong with it.
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
