package pipelinetest

import (
	"cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Connection is a connection to a provider of source code, which GetConnection
// and GetHost of CodeConnections describe.
type Connection struct {
	ARN          string // the default is made of the other fields, but Status
	Name         string // the default is the provider type
	ProviderType string // GitHub, GitHubEnterpriseServer, Bitbucket, GitLab, GitLabSelfManaged or AzureDevOps; default GitHub
	Status       string // AVAILABLE, PENDING or ERROR; default AVAILABLE
	// Endpoint is the URL of the provider, such as https://git.example.com, which
	// GetHost returns. GitHubEnterpriseServer and GitLabSelfManaged need one, the
	// others have no host.
	Endpoint string
}

func (c Connection) withDefaults() Connection {
	c.ProviderType = cmp.Or(c.ProviderType, "GitHub")
	c.Name = cmp.Or(c.Name, c.ProviderType)
	c.Status = cmp.Or(c.Status, "AVAILABLE")
	if c.ARN == "" {
		c.ARN = "arn:aws:codeconnections:" + region + ":" + accountID + ":connection/" + awsjson.UUID("connection", c.ProviderType, c.Name, c.Endpoint)
	}
	return c
}

// hostARN returns the ARN of the connection's host, "" if it has none.
func (c Connection) hostARN() string {
	if c.Endpoint == "" {
		return ""
	}
	return "arn:aws:codeconnections:" + region + ":" + accountID + ":host/" + c.ProviderType + "-" + awsjson.Hex(8, "host", c.Endpoint)
}

// AddConnection makes the server know a connection that no source action has,
// or changes what it knows of one.
func (s *Server) AddConnection(c Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c = c.withDefaults()
	s.connections[c.ARN] = c
}

// learnConnections makes the server know the connections of the sources.
func (s *Server) learnConnections(p *Pipeline) {
	for _, a := range p.sourceActions() {
		if a.connection != nil {
			s.connections[a.connection.ARN] = *a.connection
		}
	}
}

// providerType returns the provider type of the connection with the ARN.
func (s *Server) providerType(arn string) string {
	return cmp.Or(s.connections[arn].ProviderType, "GitHub")
}

func (s *Server) connectionOperations() map[string]awsjson.Operation {
	return map[string]awsjson.Operation{
		"GetConnection": locked(s, s.getConnection),
		"GetHost":       locked(s, s.getHost),
	}
}
