package pipelinetest

import (
	"fmt"
	"maps"
	"net"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/jsonpath"
)

// maxWebhooks is the number of webhooks in a Region.
const maxWebhooks = 300

type webhookDefinition struct {
	Name           *string             `json:"name"`
	Pipeline       *string             `json:"targetPipeline"`
	Action         *string             `json:"targetAction"`
	Filters        []webhookFilterJSON `json:"filters"`
	Authentication *string             `json:"authentication"`
	Configuration  *webhookAuthJSON    `json:"authenticationConfiguration"`
}

type webhookFilterJSON struct {
	JSONPath    *string `json:"jsonPath"`
	MatchEquals *string `json:"matchEquals,omitempty"`
}

type webhookAuthJSON struct {
	IPRange *string `json:"AllowedIPRange,omitempty"`
	Secret  *string `json:"SecretToken,omitempty"`
}

type putWebhookInput struct {
	Webhook *webhookDefinition `json:"webhook"`
	Tags    []tagJSON          `json:"tags"`
}

type putWebhookOutput struct {
	Webhook webhookJSON `json:"webhook"`
}

type webhookJSON struct {
	Definition    webhookDefinition  `json:"definition"`
	URL           string             `json:"url"`
	ErrorMessage  string             `json:"errorMessage,omitempty"`
	ErrorCode     string             `json:"errorCode,omitempty"`
	LastTriggered *awsjson.Timestamp `json:"lastTriggered,omitempty"`
	ARN           string             `json:"arn"`
	Tags          []tagJSON          `json:"tags,omitempty"`
}

func (in *putWebhookInput) validate() error {
	var v validation
	d := in.Webhook
	if d == nil {
		v.Present("webhook", false)
		return v.Err()
	}
	v.name("webhook.name", d.Name)
	v.name("webhook.targetPipeline", d.Pipeline)
	v.name("webhook.targetAction", d.Action)
	v.Present("webhook.filters", d.Filters != nil)
	if len(d.Filters) > 5 {
		v.Fail("webhook.filters", "Member must have length less than or equal to 5")
	}
	for i, f := range d.Filters {
		member := fmt.Sprintf("webhook.filters.%d.member.", i+1)
		v.Text(member+"jsonPath", f.JSONPath, true, 1, 150, nil)
		v.Text(member+"matchEquals", f.MatchEquals, false, 1, 150, nil)
	}
	v.Enum("webhook.authentication", d.Authentication, "GITHUB_HMAC", "IP", "UNAUTHENTICATED")
	if d.Configuration == nil {
		v.Present("webhook.authenticationConfiguration", false)
		return v.Err()
	}
	v.Text("webhook.authenticationConfiguration.allowedIPRange", d.Configuration.IPRange, false, 1, 100, nil)
	v.Text("webhook.authenticationConfiguration.secretToken", d.Configuration.Secret, false, 1, 100, nil)
	return v.Err()
}

// putWebhook makes a webhook, or changes it and keeps its address.
func (s *Server) putWebhook(in *putWebhookInput) (*putWebhookOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	d := *in.Webhook
	if err := d.checkAuthentication(); err != nil {
		return nil, err
	}
	var filters []webhookFilter
	for _, f := range d.Filters {
		path, err := jsonpath.Parse(*f.JSONPath)
		if err != nil {
			return nil, awsjson.Errorf("InvalidWebhookFilterPatternException", "The JsonPath '%s' is invalid: %v", *f.JSONPath, err)
		}
		filters = append(filters, webhookFilter{path, f.MatchEquals})
	}
	p, err := s.pipelineNamed(d.Pipeline)
	if err != nil {
		return nil, err
	}
	if p.definition.Stages[0].action(*d.Action) == nil {
		return nil, awsjson.Invalid("Pipeline '%s' does not have a source action with name '%s'", *d.Pipeline, *d.Action)
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	h := s.webhooks[*d.Name]
	if h == nil {
		if len(s.webhooks) >= maxWebhooks {
			return nil, awsjson.Errorf("LimitExceededException", "The account has %d webhooks", len(s.webhooks))
		}
		h = newWebhook(*d.Name)
		s.webhooks[*d.Name] = h
	}
	h.secret = ""
	if d.Configuration.Secret != nil {
		h.secret = *d.Configuration.Secret
		shown := shownSecret
		d.Configuration = &webhookAuthJSON{Secret: &shown}
	}
	h.definition, h.filters = d, filters
	if in.Tags != nil {
		s.tags[h.arn] = in.Tags
	}
	return &putWebhookOutput{s.webhookJSON(h)}, nil
}

func (d *webhookDefinition) checkAuthentication() error {
	c, problem := d.Configuration, ""
	switch *d.Authentication {
	case "GITHUB_HMAC":
		if c.Secret == nil || c.IPRange != nil {
			problem = "GITHUB_HMAC needs SecretToken, and nothing else"
		}
	case "IP":
		if c.IPRange == nil || c.Secret != nil {
			problem = "IP needs AllowedIPRange, and nothing else"
		} else if _, _, err := net.ParseCIDR(*c.IPRange); err != nil {
			problem = "AllowedIPRange is not a CIDR range"
		}
	default:
		if c.Secret != nil || c.IPRange != nil {
			problem = "UNAUTHENTICATED has no configuration"
		}
	}
	if problem != "" {
		return awsjson.Errorf("InvalidWebhookAuthenticationParametersException", "%s", problem)
	}
	return nil
}

func (s *Server) webhookJSON(h *webhook) webhookJSON {
	return webhookJSON{
		Definition: h.definition, URL: s.webhookURL(h), ErrorMessage: h.message, ErrorCode: h.code,
		LastTriggered: awsjson.At(h.triggered), ARN: h.arn, Tags: s.tags[h.arn],
	}
}

type deleteWebhookInput struct {
	Name *string `json:"name"`
}

// deleteWebhook deletes a webhook. One that does not exist is no error.
func (s *Server) deleteWebhook(in *deleteWebhookInput) (nothing, error) {
	var v validation
	v.name("name", in.Name)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	if h := s.webhooks[*in.Name]; h != nil {
		delete(s.webhooks, *in.Name)
		delete(s.tags, h.arn)
	}
	return nothing{}, nil
}

type listWebhooksInput struct {
	NextToken  *string
	MaxResults *int32
}

type listWebhooksOutput struct {
	Webhooks  []webhookJSON `json:"webhooks"`
	NextToken *string       `json:",omitempty"`
}

func (s *Server) listWebhooks(in *listWebhooksInput) (*listWebhooksOutput, error) {
	var v validation
	v.Page(in.MaxResults, 100, in.NextToken)
	if err := v.Err(); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(s.webhooks))
	part, next, err := awsjson.Page(names, in.NextToken, pageSize(in.MaxResults, 100), invalidToken, "webhooks")
	if err != nil {
		return nil, err
	}
	out := &listWebhooksOutput{Webhooks: []webhookJSON{}, NextToken: next}
	for _, name := range part {
		out.Webhooks = append(out.Webhooks, s.webhookJSON(s.webhooks[name]))
	}
	return out, nil
}

type webhookNameInput struct {
	Name *string `json:"webhookName"`
}

func (s *Server) registerWebhook(in *webhookNameInput) (nothing, error) {
	return nothing{}, s.setRegistered(in, true)
}

func (s *Server) deregisterWebhook(in *webhookNameInput) (nothing, error) {
	return nothing{}, s.setRegistered(in, false)
}

// setRegistered notes whether GitHub calls the webhook for each push.
func (s *Server) setRegistered(in *webhookNameInput, registered bool) error {
	var v validation
	v.name("webhookName", in.Name)
	if err := v.Err(); err != nil {
		return err
	}
	h := s.webhooks[*in.Name]
	if h == nil {
		return awsjson.Errorf("WebhookNotFoundException", "The webhook '%s' does not exist", *in.Name)
	}
	h.registered = registered
	return nil
}
