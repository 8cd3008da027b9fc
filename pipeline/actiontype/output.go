package actiontype

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxOutput bounds the size of a listing for [ParseList].
const maxOutput = 16 << 20

// ParseList reads the output of the commands
//
//	aws codepipeline list-action-types
//	aws codepipeline list-rule-types
//
// or both of them, one after another. It returns the action types and the rule
// types in the order of the text. Rule types have the category [CategoryRule].
func ParseList(data []byte) ([]Type, error) {
	if len(data) > maxOutput {
		return nil, fmt.Errorf("actiontype: the listing has %d bytes: the limit is %d", len(data), maxOutput)
	}
	var all []Type
	decoder := json.NewDecoder(bytes.NewReader(data))
	for n := 0; ; n++ {
		if n > 0 && !decoder.More() {
			return all, nil
		}
		var page listing
		if err := decoder.Decode(&page); err != nil {
			return nil, fmt.Errorf("actiontype: this is no output of list-action-types or list-rule-types: %w", withoutValues(err))
		}
		if page.ActionTypes == nil && page.RuleTypes == nil {
			return nil, errors.New("actiontype: the text has neither actionTypes nor ruleTypes: give the output of aws codepipeline list-action-types or list-rule-types as JSON")
		}
		for _, list := range [][]listed{page.ActionTypes, page.RuleTypes} {
			for _, l := range list {
				t := l.definition()
				if err := t.ValidateID(); t.Category != CategoryRule && err != nil {
					return nil, err
				}
				all = append(all, t)
			}
		}
	}
}

// withoutValues is an error of encoding/json without what it quotes of the text.
func withoutValues(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("%s is a %.20s", kind.Field, kind.Value)
	}
	return errors.New("the text ends too early")
}

// listing is what the commands print.
type listing struct {
	ActionTypes []listed `json:"actionTypes"`
	RuleTypes   []listed `json:"ruleTypes"`
}

type listed struct {
	ID struct {
		Category string `json:"category"`
		Owner    string `json:"owner"`
		Provider string `json:"provider"`
		Version  string `json:"version"`
	} `json:"id"`
	Settings struct {
		EntityURL        string `json:"entityUrlTemplate"`
		ExecutionURL     string `json:"executionUrlTemplate"`
		RevisionURL      string `json:"revisionUrlTemplate"`
		ConfigurationURL string `json:"thirdPartyConfigurationUrl"`
	} `json:"settings"`
	ActionProperties []listedProperty `json:"actionConfigurationProperties"`
	RuleProperties   []listedProperty `json:"ruleConfigurationProperties"`
	Inputs           listedCount      `json:"inputArtifactDetails"`
	Outputs          listedCount      `json:"outputArtifactDetails"`
}

type listedProperty struct {
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Type        PropertyType `json:"type"`
	Required    bool         `json:"required"`
	Key         bool         `json:"key"`
	Secret      bool         `json:"secret"`
	Queryable   bool         `json:"queryable"`
}

type listedCount struct {
	Min int `json:"minimumCount"`
	Max int `json:"maximumCount"`
}

func (l listed) definition() Type {
	t := Type{
		Category: l.ID.Category, Owner: l.ID.Owner, Provider: l.ID.Provider, Version: l.ID.Version,
		EntityURLTemplate: l.Settings.EntityURL, ExecutionURLTemplate: l.Settings.ExecutionURL,
		RevisionURLTemplate: l.Settings.RevisionURL, ConfigurationURL: l.Settings.ConfigurationURL,
		Inputs: ArtifactCount(l.Inputs), Outputs: ArtifactCount(l.Outputs),
	}
	for _, list := range [][]listedProperty{l.ActionProperties, l.RuleProperties} {
		for _, p := range list {
			if p.Type == "" {
				p.Type = PropertyTypeString
			}
			t.Properties = append(t.Properties, Property{
				Name: p.Name, Description: p.Description, Type: p.Type,
				Required: p.Required, Key: p.Key, Secret: p.Secret, Queryable: p.Queryable,
			})
		}
	}
	return t
}
