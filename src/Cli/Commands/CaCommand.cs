using System.CommandLine;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Client.Security;

namespace Lcnn.Distributed.Cli.Commands;

/// <summary><c>lcnn ca</c>: a private certificate authority for clusters that have no other.</summary>
internal static class CaCommand
{
    private const int Days = 365;
    private const int MostDays = 3650;

    private static readonly string[] _roles = [.. CertificateRoles.All.Select(CertificateRoles.TextOf)];

    public static Command Create(CliServices services) =>
        new("ca", "Make the certificates of a cluster: an authority of its own, then one for each silo and each person or program that may look at it or operate it.")
        {
            CreateInit(services), CreateIssue(services),
        };

    private static Command CreateInit(CliServices services)
    {
        var folder = new Argument<string>("FOLDER") { Description = "Where ca.crt, which all get, and ca.key, which nobody else may have, go" };
        var name = CommonOptions.Value("--name", "name", "Name of the authority. Default: lcnn");
        return SimpleCommand.Create("init", "Make an authority.", services, [folder, name], (reader, writer, _) =>
        {
            var path = Path.GetFullPath(reader.Value(folder), services.WorkingDirectory);
            var given = reader.Text(name) ?? "lcnn";
            reader.ThrowIfProblems();
            PrivateAuthority.Create(path, given, services.Clock);
            writer.WriteLine(new CertificateReport(path, given, ""), $"{path}: an authority '{given}'; keep {PrivateAuthority.KeyFile} secret, and issue with 'lcnn ca issue {path}'");
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static Command CreateIssue(CliServices services)
    {
        var folder = new Argument<string>("FOLDER") { Description = "The authority's folder" };
        var role = CommonOptions.Value("--role", "name", $"What it allows: {string.Join(", ", _roles)}");
        var name = CommonOptions.Value("--name", "name", "Of the silo, person or program. Default: the role");
        var output = CommonOptions.Value("--out", "folder", "Where tls.crt, tls.key and ca.crt go, for --tls; old ones are replaced");
        var hosts = CommonOptions.Value("--hosts", "list", "Host names and addresses that it stands for besides, between commas; lcnn itself goes by the role. Default: none");
        var days = CommonOptions.Value("--days", "n", $"For how long. Default: {Days}");
        return SimpleCommand.Create("issue", "Issue a certificate.", services, [folder, role, name, output, hosts, days], (reader, writer, _) =>
        {
            var authority = reader.ExistingPath(folder, services.WorkingDirectory);
            var allowed = reader.Choice(role, _roles);
            var place = reader.Text(output);
            var validFor = (int?)reader.LongNumber(days, 1, MostDays) ?? Days;
            foreach (var missing in new[] { role, output }.Where(option => !reader.IsGiven(option)))
            {
                reader.Add(missing, "expected a value");
            }

            var names = reader.List<string>(hosts, host => Uri.CheckHostName(host) == UriHostNameType.Unknown ? [] : [host], "host names and addresses between commas") ?? [];
            var given = reader.Text(name) ?? allowed ?? "";
            reader.ThrowIfProblems();
            var target = Path.GetFullPath(place!, services.WorkingDirectory);
            using var issued = PrivateAuthority.Open(authority!, services.Clock)
                .Issue(target, given, CertificateRoles.Parse(allowed!), names, TimeSpan.FromDays(validFor));
            writer.WriteLine(new CertificateReport(target, given, allowed!), $"{target}: a certificate of '{given}' with the role '{allowed}' for {validFor} days");
            return Task.FromResult(ExitCode.Done);
        });
    }
}

/// <summary>Certificates that were made.</summary>
internal sealed record CertificateReport(string Folder, string Name, string Role) : Report
{
    protected override string Kind => "certificate";
}
