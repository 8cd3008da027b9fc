package definition

import (
	"strings"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// mask is the value that CodePipeline shows of a secret.
const mask = "****"

// Masked returns a copy of the structure whose secret values are ****, as GetPipeline
// returns them. They are those of the catalogue of package actiontype and of the other
// types. All values of a type that neither has are ****, as they may be secret, and so
// are keys that a type does not have if their names look like that of a secret.
func (p *Pipeline) Masked(types ...actiontype.Type) (*Pipeline, error) {
	tree, err := p.tree("")
	if err != nil {
		return nil, err
	}
	copied := new(Pipeline)
	if err := copied.decode(masker{types}.tree(tree), ""); err != nil {
		return nil, err
	}
	return copied, nil
}

// masker hides the secrets of configurations.
type masker struct {
	types []actiontype.Type // besides the catalogue; they take precedence
}

// catalogueMask knows the types of the catalogue.
var catalogueMask masker

// find returns the type of an action or a rule, and whether it has one.
func (m masker) find(object map[string]any) (t actiontype.Type, known, there bool) {
	id, ok := object["actionTypeId"].(map[string]any)
	if !ok {
		if id, ok = object["ruleTypeId"].(map[string]any); !ok {
			return t, false, false
		}
	}
	text := func(name string) string { s, _ := id[name].(string); return s }
	asked := ActionType{Category: text("category"), Owner: text("owner"), Provider: text("provider"), Version: text("version")}
	if t, known = findType(m.types, asked); !known && len(m.types) > 0 {
		t, known = findType(nil, asked)
	}
	return t, known, true
}

// secrets returns the secret keys of the configuration of an action or a rule.
func (m masker) secrets(object map[string]any) map[string]bool {
	keys := make(map[string]bool)
	t, known, there := m.find(object)
	if !there {
		return keys
	}
	properties := make(map[string]bool)
	for _, p := range t.Properties {
		properties[p.Name] = true
		if p.Secret {
			keys[p.Name] = true
		}
	}
	configuration, _ := object[configurationName].(map[string]any)
	for key := range configuration {
		if !known || !properties[key] && secretName(key) {
			keys[key] = true
		}
	}
	return keys
}

// secretName reports whether a key looks like that of a secret, such as OauthToken for
// OAuthToken.
func secretName(key string) bool {
	key = strings.ToLower(key)
	for _, word := range []string{"token", "secret", "password", "credential", "apikey"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return false
}

// tree returns a tree whose secrets are hidden.
func (m masker) tree(tree any) any {
	switch tree := tree.(type) {
	case []any:
		list := make([]any, len(tree))
		for i := range tree {
			list[i] = m.tree(tree[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(tree))
		for name, value := range tree {
			object[name] = m.tree(value)
		}
		if configuration, ok := object[configurationName].(map[string]any); ok {
			for key := range m.secrets(tree) {
				if _, there := configuration[key]; there {
					configuration[key] = mask
				}
			}
		}
		return object
	}
	return tree
}
