using System.Security.Cryptography;
using System.Text;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Security;
using Microsoft.Extensions.Logging;

namespace Lcnn.Distributed.Silo.Security;

/// <summary>Secrets that stand for roles, from a file of lines <c>view SECRET</c> and <c>operate SECRET</c>; read anew when it changes.</summary>
internal sealed partial class ClientTokens
{
    private const int LeastLength = 16;

    private readonly string _path;
    private readonly ILogger _logger;
    private readonly RereadFiles<string, Dictionary<string, Role>> _roles;

    /// <exception cref="TlsFilesException">The file cannot be used.</exception>
    public ClientTokens(string path, TimeProvider clock, ILogger logger)
    {
        (_path, _logger) = (Path.GetFullPath(path), logger);
        _roles = new RereadFiles<string, Dictionary<string, Role>>(Read, Parse, clock, roles => LogReadAnew(_path, roles.Count), LogKept);
    }

    /// <summary>The role of a secret; none for an unknown one.</summary>
    // By hash: how long the look-up takes tells nothing of the secrets.
    public Role RoleOf(string token) => token.Length >= LeastLength ? _roles.Current.GetValueOrDefault(HashOf(token)) : Role.None;

    /// <summary>Hashes of all that are known, with their roles.</summary>
    public IReadOnlyDictionary<string, Role> All => _roles.Current;

    /// <summary>What is kept of a token.</summary>
    public static string HashOf(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private string Read()
    {
        try
        {
            return File.ReadAllText(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TlsFilesException($"the tokens in '{_path}' cannot be read: {exception.Message}", exception);
        }
    }

    private Dictionary<string, Role> Parse(string text)
    {
        var roles = new Dictionary<string, Role>();
        var number = 0;
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            // No message repeats a secret.
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var name, var token]
                || CertificateRoles.Parse(name) is not (Role.View or Role.Operate))
            {
                throw Odd("is of another form");
            }

            if (token.Length < LeastLength)
            {
                throw Odd($"has a secret of {token.Length} letters, and fewer than {LeastLength} can be guessed");
            }

            roles[HashOf(token)] = CertificateRoles.Parse(name);
        }

        return roles.Count > 0 ? roles : throw new TlsFilesException($"'{_path}' holds no token; expected lines 'view SECRET' or 'operate SECRET'");

        TlsFilesException Odd(string problem) => new($"line {number} of '{_path}' {problem}; expected 'view SECRET' or 'operate SECRET'");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The tokens in {Path} have changed and were read anew; there are {Count}")]
    private partial void LogReadAnew(string path, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The tokens have changed and cannot be used, those read before stay: {Problem}")]
    private partial void LogKept(string problem);
}
