package githubstatus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ByOwner authenticates by the owner of the repository: an organization or a
// user, in upper or lower case. The Auth under "" is for all other owners; without
// it a call about them is an [ErrUnauthorized]. Each Auth has rate limits of its
// own.
func ByOwner(auths map[string]Auth) Auth { return byOwner(maps.Clone(auths)) }

type byOwner map[string]Auth

func (b byOwner) authorizer(c *Client) (authorizer, error) {
	if len(b) == 0 {
		return nil, errors.New("ByOwner has no owner")
	}
	owners := ownerAuthorizers{}
	for _, owner := range slices.Sorted(maps.Keys(b)) {
		name := strings.ToLower(owner)
		if b[owner] == nil {
			return nil, fmt.Errorf("the Auth of the owner %q is nil", owner)
		}
		if _, ok := owners[name]; ok {
			return nil, fmt.Errorf("ByOwner has the owner %q twice", owner)
		}
		a, err := b[owner].authorizer(c)
		if err != nil {
			return nil, fmt.Errorf("owner %q: %w", owner, err)
		}
		owners[name] = a
	}
	return owners, nil
}

// ownerAuthorizers are authorizers by the owner in lower case.
type ownerAuthorizers map[string]authorizer

func (o ownerAuthorizers) of(commit Commit) (owner string, a authorizer) {
	owner = strings.ToLower(commit.Owner)
	if a, ok := o[owner]; ok {
		return owner, a
	}
	return "", o[""]
}

func (o ownerAuthorizers) credential(ctx context.Context, commit Commit) (credential, error) {
	owner, a := o.of(commit)
	if a == nil {
		return credential{}, fmt.Errorf("%w: ByOwner has no Auth for the owner %q", ErrUnauthorized, commit.Owner)
	}
	cred, err := a.credential(ctx, commit)
	cred.limit = owner + " " + cred.limit
	return cred, err
}

func (o ownerAuthorizers) refused(commit Commit, cred credential) bool {
	_, a := o.of(commit)
	return a != nil && a.refused(commit, cred)
}
