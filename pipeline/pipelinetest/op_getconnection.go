package pipelinetest

import (
	"regexp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// connectionTargets are the targets of CodeConnections in boto3, and those of its
// former name in boto3 and in the SDK for Go.
var connectionTargets = []string{
	"com.amazonaws.codeconnections.CodeConnections_20231201",
	"com.amazonaws.codestar.connections.CodeStar_connections_20191201",
	"CodeStar_connections_20191201",
}

// The patterns of the model of CodeConnections.
var (
	connectionARN = regexp.MustCompile(`^arn:aws(-[\w]+)*:.+:.+:[0-9]{12}:.+$`)
	hostARN       = regexp.MustCompile(`^arn:aws(-[\w]+)*:(codestar-connections|codeconnections):.+:[0-9]{12}:host/.+$`)
)

type getConnectionInput struct {
	ConnectionARN *string `json:"ConnectionArn"`
}

type getConnectionOutput struct {
	Connection connectionJSON
}

type connectionJSON struct {
	ConnectionName   string
	ConnectionARN    string `json:"ConnectionArn"`
	ProviderType     string
	OwnerAccountID   string `json:"OwnerAccountId"`
	ConnectionStatus string
	HostARN          string `json:"HostArn,omitempty"`
}

func (s *Server) getConnection(in *getConnectionInput) (*getConnectionOutput, error) {
	var v validation
	v.Text("connectionArn", in.ConnectionARN, true, 0, 256, connectionARN)
	if err := v.Err(); err != nil {
		return nil, err
	}
	c, ok := s.connections[*in.ConnectionARN]
	if !ok {
		return nil, awsjson.Errorf("ResourceNotFoundException", "Connection %s not found", *in.ConnectionARN)
	}
	return &getConnectionOutput{connectionJSON{c.Name, c.ARN, c.ProviderType, accountID, c.Status, c.hostARN()}}, nil
}

type getHostInput struct {
	HostARN *string `json:"HostArn"`
}

type getHostOutput struct {
	Name, Status, ProviderType, ProviderEndpoint string
}

func (s *Server) getHost(in *getHostInput) (*getHostOutput, error) {
	var v validation
	v.Text("hostArn", in.HostARN, true, 0, 256, hostARN)
	if err := v.Err(); err != nil {
		return nil, err
	}
	for _, c := range s.connections {
		if c.hostARN() == *in.HostARN {
			return &getHostOutput{c.Name, "AVAILABLE", c.ProviderType, c.Endpoint}, nil
		}
	}
	return nil, awsjson.Errorf("ResourceNotFoundException", "Host %s not found", *in.HostARN)
}
