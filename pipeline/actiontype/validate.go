package actiontype

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// Limits of the API, in characters where they are of text.
const (
	maxProvider     = 35
	maxVersion      = 9
	maxProperties   = 10
	maxPropertyName = 50
	maxDescription  = 160
	maxURL          = 2048
	maxArtifacts    = 5
	maxTags         = 50
	maxTagKey       = 128
	maxTagValue     = 256
)

// Validate returns everything that is wrong with the declaration of a custom
// action type, joined in one error, or nil. CodePipeline's model accepts every
// declaration that Validate accepts.
func (t Type) Validate() error {
	errs := t.checkID()
	if t.owner() != OwnerCustom {
		errs = append(errs, fmt.Errorf("owner %q: only action types of the owner %s can be created", t.Owner, OwnerCustom))
	}
	errs = append(errs, t.checkProperties()...)
	for _, url := range []struct{ field, value string }{
		{"EntityURLTemplate", t.EntityURLTemplate},
		{"ExecutionURLTemplate", t.ExecutionURLTemplate},
		{"RevisionURLTemplate", t.RevisionURLTemplate},
	} {
		if err := t.checkTemplate(url.value); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", url.field, err))
		}
	}
	if utf8.RuneCountInString(t.ConfigurationURL) > maxURL {
		errs = append(errs, fmt.Errorf("ConfigurationURL: over %d characters", maxURL))
	}
	for _, count := range []struct {
		field string
		ArtifactCount
	}{{"Inputs", t.Inputs}, {"Outputs", t.Outputs}} {
		if count.Min < 0 || count.Min > count.Max || count.Max > maxArtifacts {
			errs = append(errs, fmt.Errorf("%s: %d to %d artifacts: the least must not be over the most, and both are 0 to %d",
				count.field, count.Min, count.Max, maxArtifacts))
		}
	}
	errs = append(errs, t.checkTags()...)
	if len(errs) == 0 {
		return nil
	}
	return fmt.Errorf("actiontype: %s: %w", t, errors.Join(errs...))
}

// ValidateID returns everything that is wrong with category, provider and
// version, joined in one error, or nil. It accepts every owner.
func (t Type) ValidateID() error {
	if errs := t.checkID(); len(errs) > 0 {
		return fmt.Errorf("actiontype: %s: %w", t, errors.Join(errs...))
	}
	return nil
}

func (t Type) checkID() []error {
	var errs []error
	if !slices.Contains(types.ActionCategory("").Values(), types.ActionCategory(t.Category)) {
		errs = append(errs, fmt.Errorf("category %q is none of %v", t.Category, types.ActionCategory("").Values()))
	}
	if !isName(t.Provider, maxProvider) {
		errs = append(errs, fmt.Errorf("provider %q is not 1 to %d letters, digits, '_' and '-'", t.Provider, maxProvider))
	}
	if !isName(t.Version, maxVersion) {
		errs = append(errs, fmt.Errorf("version %q is not 1 to %d letters, digits, '_' and '-'", t.Version, maxVersion))
	}
	return errs
}

func (t Type) checkProperties() []error {
	var errs []error
	if n := len(t.Properties); n > maxProperties {
		errs = append(errs, fmt.Errorf("%d properties: at most %d are possible", n, maxProperties))
	}
	seen := make(map[string]bool)
	queryable := 0
	for _, p := range t.Properties {
		wrong := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("property %q: %w", p.Name, fmt.Errorf(format, args...)))
		}
		if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxPropertyName {
			wrong("a name has 1 to %d characters", maxPropertyName)
		}
		if seen[p.Name] {
			wrong("two properties have this name")
		}
		seen[p.Name] = true
		if utf8.RuneCountInString(p.Description) > maxDescription {
			wrong("the description is over %d characters", maxDescription)
		}
		switch p.Type {
		case "", PropertyTypeString, PropertyTypeNumber, PropertyTypeBoolean:
		default:
			wrong("type %q is none of %s, %s and %s", p.Type, PropertyTypeString, PropertyTypeNumber, PropertyTypeBoolean)
		}
		if !p.Queryable {
			continue
		}
		if queryable++; queryable == 2 {
			wrong("a second queryable property: at most one is possible")
		}
		if !p.Required || p.Secret {
			wrong("a queryable property must be required and must not be secret")
		}
	}
	return errs
}

// checkTemplate checks a URL template.
func (t Type) checkTemplate(template string) error {
	if utf8.RuneCountInString(template) > maxURL {
		return fmt.Errorf("over %d characters", maxURL)
	}
	for rest := template; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return nil
		}
		var name string
		if name, rest, found = strings.Cut(after, "}"); !found {
			return fmt.Errorf("{%s has no closing brace", after)
		}
		if name == "ExternalExecutionId" {
			continue
		}
		property, found := strings.CutPrefix(name, "Config:")
		if !found {
			return fmt.Errorf("{%s} is neither {Config:Name}, with the name of a property, nor {ExternalExecutionId}", name)
		}
		i := slices.IndexFunc(t.Properties, func(p Property) bool { return p.Name == property })
		if i < 0 {
			return fmt.Errorf("{%s}: there is no property %q", name, property)
		}
		if p := t.Properties[i]; !p.Required || p.Secret {
			return fmt.Errorf("{%s}: the property must be required and must not be secret", name)
		}
	}
}

func (t Type) checkTags() []error {
	var errs []error
	if len(t.Tags) > maxTags {
		errs = append(errs, fmt.Errorf("%d tags: at most %d are possible", len(t.Tags), maxTags))
	}
	for _, tag := range t.tags() {
		key, value := *tag.Key, *tag.Value
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey:
			errs = append(errs, fmt.Errorf("tag %q: a key has 1 to %d characters", key, maxTagKey))
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			errs = append(errs, fmt.Errorf("tag %q: keys that start with aws: belong to AWS", key))
		}
		if utf8.RuneCountInString(value) > maxTagValue {
			errs = append(errs, fmt.Errorf("tag %q: the value is over %d characters", key, maxTagValue))
		}
	}
	return errs
}

// isName reports whether s is 1 to limit letters, digits, '_' and '-'.
func isName(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for _, c := range []byte(s) {
		if !('0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '_' || c == '-') {
			return false
		}
	}
	return true
}
