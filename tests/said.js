// What somebody who hears a page would miss: its name, its one first heading, names and headings of tables, what is wrong.
() => {
  const found = [], name = document.title;
  const headings = [...document.querySelectorAll("h1")].filter((one) => one.checkVisibility());
  if (headings.length !== 1) found.push(`${headings.length} first headings`);
  if (!/^[^·]*\p{L}[^·]* · .*\p{L}/u.test(name)) found.push(`the title «${name}» does not name the page and the site`);
  if (document.querySelector("main") && !document.querySelector("#announce[role=status]")) {
    found.push("nothing to announce a change in");
  }
  for (const table of document.querySelectorAll("table:not([role=presentation])")) {
    const told = table.outerHTML.slice(0, 100), columns = [...table.querySelectorAll("thead th")];
    const called = table.caption?.textContent.trim() || table.ariaLabel || table.getAttribute("aria-labelledby");
    if (!called) found.push(`a table without a name: ${told}`);
    if (!table.querySelector("th[scope]")) found.push(`a table without headings: ${told}`);
    if (columns.some((one) => !/^col(group)?$/.test(one.scope))) found.push(`headings that head nothing: ${told}`);
  }
  for (const field of document.querySelectorAll("[aria-invalid=true]:not([aria-describedby])")) {
    found.push(`what is wrong is not tied to ${field.outerHTML.slice(0, 100)}`);
  }
  return found;
}
