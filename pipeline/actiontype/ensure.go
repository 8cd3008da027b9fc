package actiontype

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

const (
	ensureAttempts = 5
	ensureWait     = 200 * time.Millisecond // after the first attempt; it doubles
)

// Ensure creates the custom action type unless it exists, and reports whether it
// did. If the type exists with another definition, the error is a
// [*ChangedError]. Several processes may call Ensure at once: one creates the
// type, the others find it. Ensure calls ListActionTypes and, if need be,
// CreateCustomActionType, at most 5 times in about 3 seconds.
func (t Type) Ensure(ctx context.Context, api API) (created bool, err error) {
	if api == nil {
		return false, errNoAPI
	}
	if err := t.Validate(); err != nil {
		return false, err
	}
	for attempt, wait := 1, ensureWait; ; attempt, wait = attempt+1, 2*wait {
		versions, err := t.versions(ctx, api)
		if err != nil {
			return false, err
		}
		for _, existing := range versions {
			if existing.Version != t.Version {
				continue
			}
			if diffs := t.Diff(existing); len(diffs) > 0 {
				return false, &ChangedError{Type: t, Differences: diffs, NextVersion: nextVersion(t.Version, versions)}
			}
			return false, nil
		}
		if err = t.Create(ctx, api); err == nil {
			return true, nil
		}
		switch code := apierror.Code(err); {
		case code == codeActionTypeExists && attempt == ensureAttempts:
			return false, fmt.Errorf("%w (it is not listed: if it was deleted, it can come back only with the definition it had; declare another version, such as %s)",
				err, nextVersion(t.Version, versions))
		case code == codeActionTypeExists:
		case code == codeConcurrentModification && attempt < ensureAttempts:
		case code == codeValidation && attempt == 1:
			// AWS documents no error code for a type that exists already, so it may
			// be this one. An error about anything else comes again.
		default:
			return false, err
		}
		// Another process is creating the type, or a call of ours has created it
		// and its reply was lost.
		if ended := backoff.Sleep(ctx, backoff.Jitter(wait)); ended != nil {
			return false, fmt.Errorf("%w (%w)", err, ended)
		}
	}
}

// versions returns all versions of the action type in the account.
func (t Type) versions(ctx context.Context, api API) ([]Type, error) {
	var versions []Type
	for existing, err := range List(ctx, api, OwnerCustom) {
		if err != nil {
			return nil, err
		}
		if t.owner() == existing.owner() && t.Category == existing.Category && t.Provider == existing.Provider {
			versions = append(versions, existing)
		}
	}
	return versions, nil
}

// nextVersion returns a version that follows the highest existing one and is not
// taken, or "" if there is no room for one. It counts up a number at the end:
// "7" is followed by "8", "v1" by "v2", "beta" by "beta-2".
func nextVersion(version string, existing []Type) string {
	prefix, number, ok := splitVersion(version)
	if !ok {
		prefix, number = strings.TrimSuffix(prefix, "-")+"-", 1
	}
	for _, t := range existing {
		if p, n, ok := splitVersion(t.Version); ok && p == prefix {
			number = max(number, n)
		}
	}
	next := prefix + strconv.FormatUint(number+1, 10)
	if !isName(next, maxVersion) || slices.ContainsFunc(existing, func(t Type) bool { return t.Version == next }) {
		return ""
	}
	return next
}

// splitVersion splits the number off the end of a version, if there is one.
func splitVersion(version string) (prefix string, number uint64, ok bool) {
	prefix = strings.TrimRight(version, "0123456789")
	number, err := strconv.ParseUint(version[len(prefix):], 10, 64)
	return prefix, number, err == nil
}
