package ec2build

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Instance is what all launches of an instance share. In JSON it has the members
// of EC2's RunInstances.
type Instance struct {
	// ImageID is the AMI. It may be empty if LaunchTemplateID is not.
	ImageID string

	// LaunchTemplateID is the launch template, or "". Whatever the Input says
	// overrides the launch template.
	LaunchTemplateID string

	// LaunchTemplateVersion is the version of the launch template. The default
	// is its default version.
	LaunchTemplateVersion string

	// Profile is the name or the ARN of the instance profile, or "" if the
	// launch template has one.
	Profile string

	// RootDevice is the name of the image's root device, such as /dev/xvda, and
	// RootSize the size of its encrypted gp3 volume in GiB. By default the image
	// says how the volume is.
	RootDevice string
	RootSize   int

	// UserData is the user data, not encoded, or "".
	UserData string
}

// Launch is one way to get an instance. In JSON it has the members of EC2's
// RunInstances.
type Launch struct {
	InstanceType     string
	SubnetID         string   // "" is a subnet of the default VPC, or the launch template's
	SecurityGroupIDs []string // none is the VPC's default group, or the launch template's
	NoPublicIP       bool     // overrides the subnet
	Spot             bool
}

// Market is how instances are paid for.
type Market string

// The markets.
const (
	MarketOnDemand         Market = "on-demand"
	MarketSpot             Market = "spot"
	MarketSpotThenOnDemand Market = "spot-then-on-demand" // on demand where Spot has no capacity
)

// Network is where instances are.
type Network struct {
	SubnetIDs        []string
	SecurityGroupIDs []string
	NoPublicIP       bool
}

// Launches returns the launches of all types in all subnets: first in all subnets
// the first type, then the others, and on demand after everything on Spot. The
// default of market is [MarketOnDemand].
func Launches(instanceTypes []string, network Network, market Market) []Launch {
	subnets := network.SubnetIDs
	if len(subnets) == 0 {
		subnets = []string{""}
	}
	spots := []bool{false}
	switch market {
	case MarketSpot:
		spots = []bool{true}
	case MarketSpotThenOnDemand:
		spots = []bool{true, false}
	}
	var launches []Launch
	for _, spot := range spots {
		for _, instanceType := range instanceTypes {
			for _, subnet := range subnets {
				launches = append(launches, Launch{
					InstanceType:     instanceType,
					SubnetID:         subnet,
					SecurityGroupIDs: network.SecurityGroupIDs,
					NoPublicIP:       network.NoPublicIP,
					Spot:             spot,
				})
			}
		}
	}
	return launches
}

// maxUserData is the limit of EC2 before encoding, in bytes.
const maxUserData = 16 << 10

var (
	imagePattern           = regexp.MustCompile(`^(ami-[0-9a-f]{8,17}|resolve:ssm:[a-zA-Z0-9_.:/\-]+)$`)
	templatePattern        = regexp.MustCompile(`^lt-[0-9a-f]{8,17}$`)
	templateVersionPattern = regexp.MustCompile(`^(\$Latest|\$Default|[1-9][0-9]*)$`)
	typePattern            = regexp.MustCompile(`^[a-z0-9\-]+\.[a-z0-9\-]+$`)
	subnetPattern          = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
	groupPattern           = regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`)
)

func (i *Instance) check() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("Instance: "+format, args...))
	}
	if i.ImageID == "" && i.LaunchTemplateID == "" {
		wrong("neither ImageID nor LaunchTemplateID is set")
	}
	if i.ImageID != "" && !imagePattern.MatchString(i.ImageID) {
		wrong("ImageID %q is no ID of an AMI", i.ImageID)
	}
	if i.LaunchTemplateID != "" && !templatePattern.MatchString(i.LaunchTemplateID) {
		wrong("LaunchTemplateID %q is no ID of a launch template", i.LaunchTemplateID)
	}
	if i.LaunchTemplateVersion != "" && i.LaunchTemplateID == "" {
		wrong("LaunchTemplateVersion is set without LaunchTemplateID")
	}
	if i.LaunchTemplateVersion != "" && !templateVersionPattern.MatchString(i.LaunchTemplateVersion) {
		wrong("LaunchTemplateVersion %q is neither a number nor $Latest or $Default", i.LaunchTemplateVersion)
	}
	if i.Profile == "" && i.LaunchTemplateID == "" {
		wrong("Profile is not set: without an instance profile the instance cannot register with Systems Manager")
	}
	if (i.RootDevice == "") != (i.RootSize == 0) || i.RootSize < 0 || i.RootSize > 16384 {
		wrong("RootDevice %q and RootSize %d: set none, or both with 1 to 16384 GiB", i.RootDevice, i.RootSize)
	}
	if len(i.UserData) > maxUserData {
		wrong("UserData has %d bytes, and %d are possible", len(i.UserData), maxUserData)
	}
	return errors.Join(errs...)
}

func (l *Launch) check() error {
	if !typePattern.MatchString(l.InstanceType) {
		return fmt.Errorf("InstanceType %q is no instance type, such as c7i.large", l.InstanceType)
	}
	if l.SubnetID != "" && !subnetPattern.MatchString(l.SubnetID) {
		return fmt.Errorf("SubnetID %q is no ID of a subnet", l.SubnetID)
	}
	for _, id := range l.SecurityGroupIDs {
		if !groupPattern.MatchString(id) {
			return fmt.Errorf("SecurityGroupIDs: %q is no ID of a security group", id)
		}
	}
	return nil
}

// The members of RunInstances.
type (
	wireInstance struct {
		ImageID             string            `json:"ImageId,omitempty"`
		LaunchTemplate      *wireTemplate     `json:",omitempty"`
		IAMInstanceProfile  *wireProfile      `json:"IamInstanceProfile,omitempty"`
		BlockDeviceMappings []wireBlockDevice `json:",omitempty"`
		UserData            string            `json:",omitempty"` // in base64
	}
	wireTemplate struct {
		ID      string `json:"LaunchTemplateId"`
		Version string `json:",omitempty"`
	}
	wireProfile struct {
		Name string `json:",omitempty"`
		ARN  string `json:"Arn,omitempty"`
	}
	wireBlockDevice struct {
		DeviceName string
		EBS        wireVolume `json:"Ebs"`
	}
	wireVolume struct {
		VolumeSize          int
		VolumeType          string
		Encrypted           bool
		DeleteOnTermination bool
	}

	wireLaunch struct {
		InstanceType          string
		SubnetID              string          `json:"SubnetId,omitempty"`
		SecurityGroupIDs      []string        `json:"SecurityGroupIds,omitempty"`
		NetworkInterfaces     []wireInterface `json:",omitempty"`
		InstanceMarketOptions *wireMarket     `json:",omitempty"`
	}
	wireInterface struct {
		DeviceIndex              int
		SubnetID                 string   `json:"SubnetId,omitempty"`
		Groups                   []string `json:",omitempty"`
		AssociatePublicIPAddress bool     `json:"AssociatePublicIpAddress"`
		DeleteOnTermination      bool
	}
	wireMarket struct {
		MarketType  string
		SpotOptions wireSpot
	}
	wireSpot struct {
		SpotInstanceType             string
		InstanceInterruptionBehavior string
	}
)

// MarshalJSON returns the members of RunInstances.
func (i Instance) MarshalJSON() ([]byte, error) {
	w := wireInstance{ImageID: i.ImageID, UserData: base64.StdEncoding.EncodeToString([]byte(i.UserData))}
	if i.LaunchTemplateID != "" {
		w.LaunchTemplate = &wireTemplate{i.LaunchTemplateID, i.LaunchTemplateVersion}
	}
	if strings.HasPrefix(i.Profile, "arn:") {
		w.IAMInstanceProfile = &wireProfile{ARN: i.Profile}
	} else if i.Profile != "" {
		w.IAMInstanceProfile = &wireProfile{Name: i.Profile}
	}
	if i.RootDevice != "" {
		w.BlockDeviceMappings = []wireBlockDevice{{i.RootDevice, wireVolume{i.RootSize, "gp3", true, true}}}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads the members of RunInstances.
func (i *Instance) UnmarshalJSON(data []byte) error {
	var w wireInstance
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	userData, err := base64.StdEncoding.DecodeString(w.UserData)
	if err != nil {
		return fmt.Errorf("UserData: %w", err)
	}
	*i = Instance{ImageID: w.ImageID, UserData: string(userData)}
	if t := w.LaunchTemplate; t != nil {
		i.LaunchTemplateID, i.LaunchTemplateVersion = t.ID, t.Version
	}
	if p := w.IAMInstanceProfile; p != nil {
		i.Profile = p.Name + p.ARN
	}
	if len(w.BlockDeviceMappings) > 0 {
		i.RootDevice, i.RootSize = w.BlockDeviceMappings[0].DeviceName, w.BlockDeviceMappings[0].EBS.VolumeSize
	}
	return nil
}

// MarshalJSON returns the members of RunInstances. A subnet and groups belong to
// the network interface where the launch specifies one.
func (l Launch) MarshalJSON() ([]byte, error) {
	w := wireLaunch{InstanceType: l.InstanceType}
	if l.NoPublicIP {
		w.NetworkInterfaces = []wireInterface{{SubnetID: l.SubnetID, Groups: l.SecurityGroupIDs, DeleteOnTermination: true}}
	} else {
		w.SubnetID, w.SecurityGroupIDs = l.SubnetID, l.SecurityGroupIDs
	}
	if l.Spot {
		w.InstanceMarketOptions = &wireMarket{"spot", wireSpot{"one-time", "terminate"}}
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads the members of RunInstances.
func (l *Launch) UnmarshalJSON(data []byte) error {
	var w wireLaunch
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	*l = Launch{InstanceType: w.InstanceType, SubnetID: w.SubnetID, SecurityGroupIDs: w.SecurityGroupIDs, Spot: w.InstanceMarketOptions != nil}
	if len(w.NetworkInterfaces) > 0 {
		i := w.NetworkInterfaces[0]
		l.SubnetID, l.SecurityGroupIDs, l.NoPublicIP = i.SubnetID, i.Groups, true
	}
	return nil
}
